"""A folder full of what is broken, odd or in the way, made once for all cases."""

from __future__ import annotations

import io
import json
import os
import shutil
import socket
import struct
import tarfile
import zipfile
import zlib
from pathlib import Path

import numpy as np
from PIL import Image
from world_texts import NETS, PLUGINS, TEXTS

from srbench.imaging import write_image

TREE = Path(__file__).resolve().parents[2]
LONG = "n" * 300


def make(at: Path) -> None:
    """Fill the folder ``at``."""
    at.mkdir(parents=True, exist_ok=True)
    for folder, texts in {"texts": TEXTS, "nets": NETS, "plugins": PLUGINS}.items():
        for name, text in texts.items():
            file = at / folder / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass"))
    _places(at)
    _images(at)
    _weights(at / "weights")
    _results(at)
    _archives(at / "archives")


def _places(at: Path) -> None:
    """Names that lead nowhere, or to something else."""
    (at / "empty").mkdir()
    (at / "plain").write_text("a file\n", encoding="utf-8")
    (at / "dangling").symlink_to("nowhere")
    (at / "ring").symlink_to("ring")
    (at / "link").symlink_to("hr")
    os.mkfifo(at / "fifo")
    with socket.socket(socket.AF_UNIX) as one:
        here = Path.cwd()
        os.chdir(at)  # the name of a socket is short
        one.bind("socket")
        os.chdir(here)
    for name, mode in (("closed", 0o000), ("no-list", 0o311), ("read-only", 0o555)):
        (at / name).mkdir()
        write_image(at / name / "a.png", pixels(0))
        (at / name).chmod(mode)
    (at / "closed-file").write_text("{}", encoding="utf-8")
    (at / "closed-file").chmod(0)
    deep = at / "deep"
    deep.mkdir()
    (deep / "self").symlink_to(".")


def pixels(seed: int, *size: int) -> np.ndarray:
    """Random uint8 RGB pixels, 48x48 unless told otherwise."""
    return np.random.default_rng(seed).integers(0, 256, (*(size or (48, 48)), 3), dtype=np.uint8)


def _images(at: Path) -> None:
    """Folders of HR and SR that fit, those that do not, and files that are hardly images."""
    for folder, size in (("hr", 48), ("sr", 48), ("sr-small", 44), ("train", 160), ("lr", 12)):
        (at / folder).mkdir()
        for seed, name in enumerate(("a", "b")):
            write_image(at / folder / f"{name}.png", pixels(seed, size, size))
    (at / "sr-one").mkdir()
    shutil.copy(at / "sr" / "a.png", at / "sr-one")
    (at / "sr-other").mkdir()
    shutil.copy(at / "sr" / "a.png", at / "sr-other" / "z.png")
    (at / "sr-twice").mkdir()
    for name in ("a.png", "a_SR.png", "b.png"):
        shutil.copy(at / "sr" / "a.png", at / "sr-twice" / name)
    good = (at / "hr" / "a.png").read_bytes()
    odd = {
        "empty.png": b"", "text.png": b"no image\n", "half.png": good[: len(good) // 2], "header.png": good[:20],
        "flipped.png": good[:60] + bytes([good[60] ^ 255]) + good[61:], "tail.png": good + b"x" * 5000,
        "bomb.png": _png(60000, 60000), "zero.png": _png(0, 0), "wide.png": _png(2**31 - 1, 1),
        "one.png": _saved("RGB", (1, 1)), "grey.png": _saved("L", (48, 48)), "alpha.png": _saved("RGBA", (48, 48)),
        "palette.png": _saved("P", (48, 48)), "bits.png": _saved("1", (48, 48)), "deep.png": _saved("I;16", (48, 48)),
        "page.gif": _saved("P", (48, 48), "GIF"), "cmyk.jpg": _saved("CMYK", (48, 48), "JPEG"),
        "float.tif": _saved("F", (48, 48), "TIFF"), "wrong.tif": b"II*\0" + b"\xff" * 40,
        "web.webp": b"RIFF\0\0\0\0WEBP",
        "gif.png": _saved("P", (48, 48), "GIF"), "photo.jpg": _saved("RGB", (48, 48), "JPEG"),
        "page.svg": b"<svg xmlns='http://www.w3.org/2000/svg'/>", "page.bmp": b"BM" + b"\xff" * 60,
    }  # fmt: skip
    (at / "odd").mkdir()
    for name, data in odd.items():
        (at / "odd" / name).write_bytes(data)
        folder = at / f"odd-{name}"
        folder.mkdir()
        (folder / f"a{Path(name).suffix}").write_bytes(data)
    (at / "named").mkdir()
    for name in ("=1+1.png", "[red].png", "\u202egnp.png", "a\nb.png", "a\x1b[31m.png"):
        (at / "named" / name).write_bytes(good)


def _saved(mode: str, size: tuple[int, int], kind: str = "PNG") -> bytes:
    stream = io.BytesIO()
    Image.new(mode, size, 1 if mode not in ("RGB", "RGBA", "CMYK") else None).save(stream, kind)
    return stream.getvalue()


def _png(width: int, height: int) -> bytes:
    """A PNG that says it is so large and has next to no pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 100)) + chunk(b"IEND", b"")
    )


class _Runs:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.system, ("touch pickle-was-run",)


def _weights(at: Path) -> None:
    """Files of weights that are none, too few, or of another network."""
    import pickle

    import torch

    at.mkdir()
    made = {
        "list.pth": [1, 2], "number.pth": 3, "none.pth": None, "other.pth": {"a": torch.zeros(2)}, "empty.pth": {},
        "nan.pth": {"gain": torch.tensor(float("nan"))}, "gain.pth": {"gain": torch.tensor(1.0)},
        "shape.pth": {"gain": torch.zeros(5)}, "integer.pth": {"gain": torch.tensor(3)},
        "complex.pth": {"gain": torch.tensor(1j)}, "text.pth": {"gain": "one"}, "keys.pth": {1: torch.zeros(1)},
        "nested.pth": {"params": {"params": {"gain": torch.tensor(1.0)}}}, "two.pth": {"params": {}, "params_ema": {}},
        "sparse.pth": {"gain": torch.zeros(2, 2).to_sparse()}, "meta.pth": {"gain": torch.zeros(1, device="meta")},
    }  # fmt: skip
    for name, value in made.items():
        torch.save(value, at / name)
    whole = (at / "gain.pth").read_bytes()
    for name, data in {
        "zero.pth": b"", "words.pth": b"these are no weights", "half.pth": whole[: len(whole) // 2],
        "pk.pth": b"PK\3\4",
        "runs.pth": pickle.dumps(_Runs()), "pickle.pth": pickle.dumps({"gain": 1.0}), "dots.pth": b"\x80\x02.",
        "page.pth": b"<!DOCTYPE html><title>404</title>",
        "pointer.pth": b"version https://git-lfs.github.com/spec/v1\n",
        "zero.safetensors": b"", "short.safetensors": b"\0" * 7, "large.safetensors": struct.pack("<Q", 2**62) + b"{}",
        "json.safetensors": struct.pack("<Q", 5) + b"{]]]]", "list.safetensors": struct.pack("<Q", 2) + b"[]",
        "offset.safetensors": _safetensors({"gain": {"dtype": "F32", "shape": [9], "data_offsets": [0, 36]}}),
        "dtype.safetensors": _safetensors({"gain": {"dtype": "F13", "shape": [1], "data_offsets": [0, 4]}}, b"0000"),
        "negative.safetensors": _safetensors({"gain": {"dtype": "F32", "shape": [-1],
        "data_offsets": [0, 4]}}, b"0000"),
        "scripted.pt": whole, "net.onnx": b"\x08\x07", "archive.tar": b"\0" * 1024, "net.h5": b"\x89HDF\r\n\x1a\n",
    }.items():  # fmt: skip
        (at / name).write_bytes(data)


def _safetensors(header: dict[str, object], data: bytes = b"") -> bytes:
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + data


def _results(at: Path) -> None:
    """Folders of results: one that is believed, and others each with one thing changed."""
    ours = TREE / "leaderboards" / "measured"
    names = ("imdn.released_x4_set5_y-matlab@1.json", "rfdn.released_x4_set5_y-matlab@1.json")
    there = [name for name in names if (ours / name).is_file()]
    (at / "results").mkdir()
    for name in there:
        shutil.copy(ours / name, at / "results")
    good = json.loads((ours / there[0]).read_text(encoding="utf-8"))
    changed: dict[str, object] = {
        "values": {"psnr": 77.77, "ssim": 0.9}, "scale": -4, "images": [], "dataset": None, "protocol": {}, "model": [],
        "schema": "srbench.quality/99", "weights": "x", "created": "yesterday",
    }  # fmt: skip
    for key, value in changed.items():
        folder = at / "changed" / key
        folder.mkdir(parents=True)
        (folder / "one.json").write_text(json.dumps({**good, key: value}), encoding="utf-8")
        lacking = at / "lacking" / key
        lacking.mkdir(parents=True)
        (lacking / "one.json").write_text(json.dumps({k: v for k, v in good.items() if k != key}), encoding="utf-8")
    text = json.dumps(good)
    for name, data in {
        "half": text[:-200], "empty": "", "null": "null", "deep": "[" * 100_000, "twice": text + text,
        "bom": "\ufeff" + text,
        "nan": text.replace('"psnr": 3', '"psnr": NaN, "x": 3', 1),
        "huge": text.replace('"scale": 4', f'"scale": 1{"0" * 400}'),
    }.items():  # fmt: skip
        folder = at / "broken" / name
        folder.mkdir(parents=True)
        (folder / "one.json").write_text(data, encoding="utf-8")
    (at / "broken" / "bytes").mkdir()
    (at / "broken" / "bytes" / "one.json").write_bytes(b"\xff\xfe\0" * 50)
    (at / "broken" / "folder" / "one.json").mkdir(parents=True)
    (at / "broken" / "ring").mkdir()
    (at / "broken" / "ring" / "one.json").symlink_to("one.json")


def _archives(at: Path) -> None:
    """Submissions: folders, zips and tars that are broken or do something when they are unpacked."""
    at.mkdir()
    image = _saved("RGB", (48, 48))
    zips = {
        "none.zip": {}, "up.zip": {"../../out.png": image}, "root.zip": {"/etc/out.png": image}, "dot.zip": {".": b""},
        "drive.zip": {"C:\\out.png": image}, "bare.zip": {"0801x4.png": image}, "text.zip": {"0801x4.png": b"no image"},
        "twice.zip": {"0801x4.png": image, "a/0801x4.png": image}, "control.zip": {"a\x1b[31m\u202e.png": image},
        "long.zip": {"n" * 400 + ".png": image}, "readme.zip": {"readme.txt": b"\xff" * 50},
        "zeros.zip": {"0801x4.png": b"\0" * 60_000_000},
    }  # fmt: skip
    for name, members in zips.items():
        with zipfile.ZipFile(at / name, "w", zipfile.ZIP_DEFLATED) as archive:
            for member, data in members.items():
                archive.writestr(member, data)
    whole = (at / "bare.zip").read_bytes()
    for name, data in {
        "empty.zip": b"", "half.zip": whole[: len(whole) // 2], "words.zip": b"no archive", "page.tar": b"no archive",
        "flipped.zip": whole[:50] + bytes([whole[50] ^ 255]) + whole[51:], "zero.tar": b"\0" * 10240,
        "half.tgz": b"\x1f\x8b\x08",
        "crypt.zip": whole[:6] + b"\x01" + whole[7:].replace(b"PK\1\2\x14\3\x14\0\0", b"PK\1\2\x14\3\x14\0\1"),
        "a.rar": b"Rar!",
    }.items():  # fmt: skip
        (at / name).write_bytes(data)
    for name, kind in (("link", tarfile.SYMTYPE), ("hard", tarfile.LNKTYPE), ("device", tarfile.CHRTYPE)):
        with tarfile.open(at / f"{name}.tar", "w") as archive:
            info = tarfile.TarInfo("0801x4.png")
            info.type, info.linkname = kind, "/etc/passwd"
            archive.addfile(info)
    for name in ("a.txt", "b.bin"):
        (at / "folder").mkdir(exist_ok=True)
        (at / "folder" / name).write_bytes(b"\0")
