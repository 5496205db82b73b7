"""Small sound files of every kind, made here; all edits begin with one of them."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import pickle
import tarfile
from collections import OrderedDict
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from tests.challenge import builders
from tests.fuzz.edits import zip_of

ROOT = Path(__file__).resolve().parents[2]


def _pixels(bands: int = 3, side: int = 12) -> Any:
    values = np.arange(side * (side + 2) * max(1, bands), dtype=np.uint32) * 7 % 251
    return values.astype(np.uint8).reshape((side, side + 2, bands) if bands else (side, side + 2))


def _image(writer: str, mode: str = "RGB", **options: Any) -> bytes:
    bands = {"L": 0, "RGB": 3, "RGBA": 4, "LA": 2}.get(mode, 3)
    image = Image.fromarray(_pixels(bands))
    if image.mode != mode:
        image = image.convert(mode)
    if mode in ("RGBA", "LA"):
        image.putalpha(255)
    stream = io.BytesIO()
    image.save(stream, writer, **options)
    return stream.getvalue()


@lru_cache(maxsize=1)
def png() -> tuple[bytes, ...]:
    return (*(_image("PNG", mode) for mode in ("RGB", "L", "RGBA", "LA", "P", "1")),
            _image("PNG", "P", transparency=3), _image("PNG", "P", bits=4))  # fmt: skip


@lru_cache(maxsize=1)
def tiff() -> tuple[bytes, ...]:
    plain = (_image("TIFF", mode) for mode in ("RGB", "L", "RGBA", "1", "P", "CMYK"))
    packed = (_image("TIFF", "RGB", compression=name) for name in ("tiff_lzw", "tiff_adobe_deflate", "packbits"))
    return (*plain, *packed)


@lru_cache(maxsize=1)
def bmp() -> tuple[bytes, ...]:
    return tuple(_image("BMP", mode) for mode in ("RGB", "L", "P", "1", "RGBA"))


@lru_cache(maxsize=1)
def jpeg() -> tuple[bytes, ...]:
    return (_image("JPEG"), _image("JPEG", "L"), _image("JPEG", "CMYK"), _image("JPEG", progressive=True))


@lru_cache(maxsize=1)
def states() -> tuple[Any, ...]:
    import torch

    bare = OrderedDict([("head.weight", torch.arange(8.0).reshape(2, 4)), ("head.bias", torch.zeros(2).half())])
    optimiser = {"state": {0: {"step": 3}}, "param_groups": [{"lr": 1e-3}]}
    return (bare, {"params": bare, "params_ema": dict(bare)}, {"state_dict": bare, "epoch": 3, "optimizer": optimiser},
            {"module.a": torch.ones(2, 2).t(), "module.b": torch.tensor(3)})  # fmt: skip


@lru_cache(maxsize=2)
def checkpoints(zipped: bool) -> tuple[bytes, ...]:
    import torch

    found = []
    for state in states():
        stream = io.BytesIO()
        torch.save(state, stream, _use_new_zipfile_serialization=zipped)
        found.append(stream.getvalue())
    return tuple(found)


@lru_cache(maxsize=1)
def pickles() -> tuple[bytes, ...]:
    values = ({"a": [1, 2.5, "x"], "b": (None, True)}, OrderedDict(weight=np.zeros(3)), [{"net": {"w": 10**30}}])
    return tuple(pickle.dumps(value, protocol=protocol) for value in values for protocol in (0, 2, 4))


@lru_cache(maxsize=1)
def safetensors() -> tuple[bytes, ...]:
    from safetensors.torch import save

    return tuple(save({k: v.contiguous() for k, v in states()[i].items()}, {"format": "pt"}) for i in (0, 3))


@lru_cache(maxsize=1)
def training() -> tuple[bytes, ...]:
    import torch

    stream = io.BytesIO()
    torch.save({"model": "imdn", "seed": 1, "network": dict(states()[0]), "step": 7}, stream)
    return (stream.getvalue(),)


MADE: dict[str, Any] = {
    "model": {"name": "mine", "title": "Mine", "paper": "own", "year": 2025, "source_sha256": "a" * 64},
    "scale": 4, "precision": "fp32", "device": "cpu", "backend": "eager", "machine": "m1",
    "substitutions": [{"kind": "dataset", "wanted": "urban100", "used": "set14", "why": "not reachable", "items": []}],
    "versions": {"torch": "2.0", "srbench": "0.1.0"}, "command": "srbench run --models mine",
    "created": "2026-01-01T00:00:00Z",
}  # fmt: skip


@lru_cache(maxsize=1)
def quality() -> tuple[bytes, ...]:
    from srbench.metrics.protocols import PROTOCOLS

    rows = [{"image": name, "values": {"psnr": psnr, "ssim": 0.5}, "lr_size": [12, 16], "identical": False}
            for name, psnr in (("a", 30.0), ("b", 32.0))]  # fmt: skip
    protocol = PROTOCOLS.get("y-matlab@1").model_dump(mode="json")
    sound = {
        **MADE,
        "schema": "srbench.quality/2",
        "weights": {"name": "user:w.pth", "origin": "user", "sha256": "b" * 64},
        "dataset": {"name": "own", "lr": "imresize", "images": 2, "sha256": "c" * 64, "limit": None},
        "protocol": protocol,
        "self_ensemble": False,
        "images": rows,
        "values": {"psnr": 31.0, "ssim": 0.5},
        "missing": {"niqe-embedded@1": "not asked for"},
        "computed": {"threads": 2, "tiles": {"tile": 64, "overlap": 8, "exact": True}, "machines": ["m1"]},
    }
    equal = {**sound, "images": [{**rows[0], "values": {"psnr": None, "ssim": 1.0}, "identical": True}],
             "values": {"psnr": None, "ssim": 1.0}, "dataset": {**sound["dataset"], "images": 1},
             "self_ensemble": True, "precision": "bf16"}  # fmt: skip
    return tuple(json.dumps(each).encode() for each in (sound, equal))


@lru_cache(maxsize=1)
def costs() -> tuple[bytes, ...]:
    runtime = {"input_size": [64, 64], "samples_ms": [10.0, 11.0, 12.0], "median_ms": 11.0, "iqr_ms": 1.0,
               "min_ms": 10.0, "mean_ms": 11.0, "warmup": 2, "first_ms": None, "device": "cpu",
               "threads": 2}  # fmt: skip
    memory = {"weights_bytes": 40, "activations_bytes": 60, "total_bytes": 100, "method": "tracker"}
    values = {"params": 10, "macs": 1000, "activations": 5, "convs": 2, "macs:fvcore": 1000, "runtime": 11.0,
              "memory": 100}  # fmt: skip
    whole = {**MADE, "schema": "srbench.cost/2", "input_size": [64, 64], "values": values, "runtime": runtime,
             "memory": memory, "uncounted": {"fvcore": {"aten::add": 3}}, "buffers": 1}  # fmt: skip
    counted = {**MADE, "schema": "srbench.cost/2", "input_size": [184, 320], "padded_from": [180, 320],
               "values": {"params": 10, "macs": 900}, "missing": {"memory": "it failed"}}  # fmt: skip
    return tuple(json.dumps(each).encode() for each in (whole, counted))


@lru_cache(maxsize=1)
def first_schema() -> tuple[bytes, ...]:
    summary = {"median_ms": 11.0, "iqr_ms": 1.0, "min_ms": 10.0, "mean_ms": 11.0}
    made = {key: value for key, value in MADE.items() if key not in ("precision", "device", "backend")}
    cell = {
        **made,
        "schema": "srbench.cell/1",
        "weights": {"name": "mine.user", "origin": "user", "sha256": "b" * 64},
        "dataset": {"name": "own", "lr": "imresize", "images": 1, "sha256": "c" * 64},
        "protocol": {"id": "y-matlab@1", "shave": "scale"},
        "images": [{"image": "a", "psnr": 30.0, "ssim": 0.5, "identical": False, "lr_size": [12, 16]}],
        "quality": {"psnr": 30.0, "ssim": 0.5, "identical_images": 0},
        "cost": {
            "params": 10,
            "counts": [{"convention": "macs", "input_size": [256, 256], "macs": 9, "activations": 7, "num_conv": 4}],
            "runtime": {**summary, "input_size": [256, 256], "samples_ms": [10, 12], "warmup": 2, "device": "cpu",
                        "threads": 2},
            "memory": {"input_size": [256, 256], "weights_bytes": 1, "activations_bytes": 2, "total_bytes": 3,
                       "method": "tracker-fake"},
        },
        "substitutions": ["no MACs: it failed.", "something that no version says"],
    }  # fmt: skip
    return (json.dumps(cell).encode(),)


MACHINE = json.dumps(
    {"id": "m1", "cpu": "a CPU", "usable_cores": 2, "logical_cores": 2, "memory_bytes": 8 << 30, "gpu": None,
     "os": {"name": "x", "release": "1"}, "python": "3.11", "threads": 2, "packages": {"torch": "2.0"}}
).encode()  # fmt: skip


@lru_cache(maxsize=1)
def journal() -> tuple[bytes, ...]:
    from srbench.evaluation.records import LATER

    record = json.loads(quality()[0])
    outline = {name: value for name, value in record.items() if name not in LATER}
    header = {"names": {"y-matlab@1": "mine"}, "quantities": ["psnr", "ssim"], "records": [outline]}
    rows = [
        {"index": index, "image": name, "lr_size": [12, 16], "hr": "d" * 64, "lr": "e" * 64, "machine": "m1",
         "commands": {"y-matlab@1": "srbench run"},
         "by_protocol": {"y-matlab@1": {"values": {"psnr": psnr, "ssim": 0.5}, "identical": False, "missing": {}}},
         "tiles": {"tile": 64, "overlap": 8, "exact": True}}
        for index, (name, psnr) in enumerate((("a", 30.0), ("b", 32.0)))
    ]  # fmt: skip
    lines = [{"schema": "srbench.journal/1", "header": header}, *rows, {"notes": []}]
    return (b"".join(json.dumps(line).encode() + b"\n" for line in lines),)


def shipped(*names: str) -> tuple[bytes, ...]:
    """Files of the checkout."""
    return tuple((ROOT / name).read_bytes() for name in names)


OWN_CSV = (
    b"Method,Scale,Params [K],FLOPs [G],Time [ms],Set5 PSNR/SSIM\nSRCNN,4,57,52.7,3.1,30.48/0.8628\n"
    b"**Ours**,4,541,31.1,9.9,<b>32.20</b>/0.8948\n"
)
OWN_TEX = (
    b"\\begin{tabular}{lccc}\n"
    rb"\toprule Method & Scale & \multicolumn{2}{c}{Set5} \\ & & PSNR & SSIM \\ \midrule"
    b"\n"
    rb"SRCNN~\cite{a} & $\times$4 & 30.48 & 0.8628 \\ Ours & 4 & \textbf{32.20} & \underline{0.8948} \\"
    b"\n\\end{tabular}\n"
)
RANKED_CSV = (
    b"entry,valid PSNR,test PSNR,runtime,params,flops\nBaseline,26.94,27.01,20,0.43,27.1\nA,26.9,27.0,5.1,0.1,9\n"
)
RANKED_JSON = json.dumps(
    {"00_Base": {"valid_ave_psnr": 26.94, "test_ave_psnr": 27.01, "valid_ave_runtime": 20.0, "flops": 27.1,
                 "num_parameters": 0.43, "valid_memory": 700.0},
     "01_A": {"valid_ave_psnr": 26.90, "test_ave_psnr": 27.0, "valid_ave_runtime": 5.0, "flops": 9.0,
              "num_parameters": 0.1, "valid_memory": 300.0}}
).encode()  # fmt: skip


@lru_cache(maxsize=1)
def challenge_results() -> tuple[bytes, ...]:
    def entry(name: str, title: str, psnr: float) -> dict[str, Any]:
        images = [{"image": "0801", "values": {"psnr": psnr}, "identical": False, "lr_size": [14, 16]}]
        runs = [{"images": ["0801"], "forward_ms": [12.5], "claimed_ms": [12.0]}]
        sets = [
            {"dataset": each, "values": {"psnr": psnr}, "images": images, "runs": runs} for each in ("valid", "test")
        ]
        return {"id": name, "title": title, "status": "measured", "datasets": sets, "input_size": [256, 256],
                "values": {"params": 430_000.0, "macs:fvcore": 27.1e9, "macs": 27.1e9},
                "labels": {"psnr": "parent-verified"}, "flags": [{"kind": "shims", "text": "timm"}],
                "sources": {"code": "a" * 64}, "outputs": {"0801": name}}  # fmt: skip

    file = {"schema": "srbench.challenge.results/1", "rules": "ntire2026-esr", "baseline": "00", "device": "cpu",
            "isolation": {"kind": "process", "protects": ["x"], "gaps": ["y"]},
            "entries": [entry("00", "Baseline", 27.0), entry("01", "A", 26.99)], "machine": "m1"}  # fmt: skip
    return (json.dumps(file).encode(),)


@lru_cache(maxsize=1)
def plan() -> tuple[bytes, ...]:
    return (builders.plan().to_json().encode(),)


NET = b"""import torch
from torch import nn


class Block(nn.Module):
    def __init__(self, width=4):
        super().__init__()
        self.conv = nn.Conv2d(width, width, 3, 1, 1)

    def forward(self, x):
        return self.conv(x)


class Net(nn.Module):
    def __init__(self, nf=4, upscale=4, opts=None, **more):
        super().__init__()
        self.body = nn.Sequential(*[Block(nf) for _ in range(2)])

    def forward(self, x):
        return self.body(x)


if __name__ == "__main__":
    net = Net(nf=8, upscale=2)
"""
LOADER = b"""import os
import torch
from models.net import Net


def select_model(args, device):
    model_id = args.model_id
    w = 'w'
    if model_id == 0:
        name, data_range = f"{model_id:02}_Base", 1.0
        path = os.path.join('model_zoo', 'a.pth')
        model = Net(nf=4, upscale=4, opts=[2, 3 * 4])
        model.load_state_dict(torch.load(path)['params'], strict=True)
    elif model_id in (1, 2):
        from models.net import Net as Other
        data_range = 255
        tile = (256, 16)
        model = Other(**{'nf': 8}).to(device)
        new = {}
        for k, v in torch.load('b.pth').items():
            new[k[7:]] = v
        model.load_state_dict(new)
        model.fuse_all()
    elif args.model_id == 3 or model_id == 4:
        model = torch.jit.load(w + '.pt')
    else:
        raise NotImplementedError
    return model, name, data_range
"""
REFERENCE = (
    b"net.py:Net(3, upscale=4)", b"net.py:Net(args(n_feats=64, scale=[4], act='relu', deep={'a': (1, -2)}))",
    b"package.module:Net", b"net.py:Net", b"w.pth", b"hf://owner/name@main/file.pth",
)  # fmt: skip


@lru_cache(maxsize=1)
def results_submission() -> tuple[bytes, ...]:
    files = dict(list(builders.good().items())[:2]) | {"readme.txt": builders.README.encode()}
    members = list(files.items())
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w") as archive:
        for name, data in members:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return (zip_of(members), zip_of(members, 8), plain.getvalue(), gzip.compress(plain.getvalue(), mtime=0),
            bz2.compress(plain.getvalue()))  # fmt: skip


SUBMISSION = (
    b'name = "Mine"\nclass = "Net"\nfile = "models/team01_Net.py"\nweights = "model_zoo/team01_Net.pth"\n'
    b'key = "params"\n'
    b'strict = true\ndata_range = 1.0\nmultiple = 1\ntile = [64, 8]\ncontact = "a@b.c"\n[arguments]\nnf = 4\n'
)


@lru_cache(maxsize=1)
def model_submission() -> tuple[bytes, ...]:
    weights = checkpoints(True)[1], checkpoints(False)[0], safetensors()[0]
    names = "team01_Net.pth", "team01_Net.pth", "team01_Net.safetensors"
    return tuple(
        zip_of([("models/team01_Net.py", NET), (f"model_zoo/{name}", data), ("submission.toml", text)])
        for name, data, text in zip(names, weights, (SUBMISSION, b"", b'class = "Net"\n'), strict=True)
    )


@lru_cache(maxsize=3)
def bundle(platform: str) -> tuple[bytes, ...]:
    import tempfile

    from srbench.challenge.platforms import PLATFORMS, BundleOptions
    from srbench.rules import get_rules

    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        hr = builders.folder_of(root / "hr", {"0801.png": builders.png(builders.hr_image(0))})
        PLATFORMS.get(platform).write(
            root / "out", get_rules("ntire2026-esr"), BundleOptions({"valid": hr, "test": hr})
        )
        files = sorted(path for path in (root / "out").rglob("*") if path.is_file())
        return (zip_of([(path.relative_to(root / "out").as_posix(), path.read_bytes()) for path in files]),)


@lru_cache(maxsize=1)
def session() -> tuple[bytes, ...]:
    runtime = {"median_ms": 11.0, "iqr_ms": 1.0, "warnings": ["busy"]}
    timings = [
        {"model": name, "scale": 4, "input_size": [180, 320], "runtime": runtime, "ratio": ratio}
        for name, ratio in (("imdn", None), ("rfdn", {"ratio": 0.8, "low": 0.7, "high": 0.9}))
    ]
    return (json.dumps({"machine": "m1", "baseline": "imdn", "timings": timings}).encode(),)


@lru_cache(maxsize=1)
def niqe() -> tuple[bytes, ...]:
    mean, covariance = np.linspace(0, 1, 36), np.eye(36)
    text = json.dumps({"mean": mean.tolist(), "covariance": covariance.tolist()}).encode()
    stream = io.BytesIO()
    np.savez(stream, mean=mean, covariance=covariance)
    with_object = io.BytesIO()
    np.savez(with_object, mean=np.array([None]), covariance=covariance)
    return (text, stream.getvalue(), with_object.getvalue())
