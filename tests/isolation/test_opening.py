"""Checkpoints, missing packages, constructors and outputs: every wrong one has its own sentence."""

from __future__ import annotations

import os
import pickle
import zipfile
from collections import OrderedDict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from srbench.errors import SrbenchError
from srbench.isolation.limits import Limits
from srbench.isolation.passes import checked, padded_pass
from srbench.isolation.process import IsolatedProcess, Refused, Setting
from srbench.isolation.sandbox import choose
from tests.isolation.conftest import HANDLER
from tests.isolation.entries import net, spec

CONV = {"conv.weight": torch.zeros(3, 3, 3, 3), "conv.bias": torch.zeros(3)}
LR = (np.arange(16 * 20 * 3, dtype=np.uint32) % 251).astype(np.uint8).reshape(16, 20, 3)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("entry")


@pytest.fixture(scope="module")
def process(folder: Path) -> Iterator[IsolatedProcess]:
    """Without a sandbox: what is refused here is refused by the reader, not by a wall."""
    (folder / "net.py").write_text(net())
    with IsolatedProcess(HANDLER, folder, Setting(choose("process"), Limits(), threads=1)) as found:
        found.ask("start", device="cpu", threads=1)
        yield found


def open_with(process: IsolatedProcess, folder: Path, files: dict[str, str], **changes: Any) -> dict[str, Any]:
    for name, text in files.items():
        (folder / name).write_text(text)
    return process.ask("open", spec=spec(**changes)).header


class _Gadget:
    def __init__(self, function: Callable[..., Any], *arguments: Any) -> None:
        self.how = (function, arguments)

    def __reduce__(self) -> Any:
        return self.how


def _torch_zip(payload: bytes, path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("archive/data.pkl", payload)
        archive.writestr("archive/version", "3\n")


def _system(path: Path) -> None:
    path.write_bytes(pickle.dumps({"conv.weight": _Gadget(os.system, f"touch {path}.marker")}))


def _getattr_static(path: Path) -> None:
    import importlib
    import inspect

    inner = _Gadget(inspect.getattr_static, _Gadget(importlib.import_module, "os"), "system")
    _torch_zip(pickle.dumps({"a": inner}), path)


def _source_loader(path: Path) -> None:
    from importlib.machinery import SourceFileLoader

    first = _Gadget(Path.write_text, Path(f"{path}.py"), f"open({str(path) + '.marker'!r}, 'w')")
    _torch_zip(pickle.dumps([first, _Gadget(SourceFileLoader, "m", f"{path}.py")]), path)


def _script(path: Path) -> None:
    torch.jit.script(nn.Conv2d(3, 3, 3)).save(str(path))


def _whole_module(path: Path) -> None:
    torch.save(nn.Conv2d(3, 3, 3), path)


def _exported(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("archive/archive_format", "pt2")
        archive.writestr("archive/models/model.json", "{}")


def _onnx(path: Path) -> None:
    path.write_bytes(b"\x08\x07\x12\x07pytorch" + bytes(200))


def _stretched(path: Path) -> None:
    torch.save({"conv.weight": torch.zeros(1).as_strided((10**6, 10**6), (0, 0)), "conv.bias": torch.zeros(3)}, path)


REFUSED_FILES = {
    "46 os.system": (_system, "os.system|posix.system|not plain tensors"),
    "46 getattr_static": (_getattr_static, "not plain tensors|refused"),
    "46 SourceFileLoader": (_source_loader, "not plain tensors|refused"),
    "47 TorchScript": (_script, "a TorchScript program"),
    "47 whole module": (_whole_module, "not plain tensors"),
    "47 torch.export": (_exported, "a program of torch.export"),
    "47 onnx": (_onnx, "an ONNX graph"),
    "48 stretched view": (_stretched, "1000000x1000000 values, but 4 bytes are stored"),
}


@pytest.mark.parametrize("case", REFUSED_FILES)
def test_weights_that_are_no_plain_tensors_are_refused(case: str, process: IsolatedProcess, folder: Path) -> None:
    make, words = REFUSED_FILES[case]
    make(folder / "bad.pth")
    with pytest.raises(Refused, match=words):
        open_with(process, folder, {"net.py": net()}, weights="bad.pth")
    assert not list(folder.glob("*.marker"))


TAKEN_FILES: dict[str, tuple[Any, dict[str, Any], str]] = {
    "49 both": ({"params": CONV, "params_ema": CONV}, {}, "checkpoint-key: one set of weights -> params_ema"),
    "49 asked": ({"params": CONV, "params_ema": CONV}, {"key": "params"}, ""),
    "49 net": ({"net": CONV}, {}, ""),
    "49 with optimizer": ({"state_dict": CONV, "optimizer": {"state": {}, "param_groups": [{"lr": 1.0}]}}, {}, ""),
    "49 parallel": ({f"module.{key}": value for key, value in CONV.items()}, {}, ""),
}


@pytest.mark.parametrize("case", TAKEN_FILES)
def test_nested_weights_are_found_and_named(case: str, process: IsolatedProcess, folder: Path) -> None:
    state, changes, note = TAKEN_FILES[case]
    torch.save(state, folder / "nested.pth")
    found = open_with(process, folder, {"net.py": net()}, weights="nested.pth", **changes)
    assert found["params"] == 84
    assert note in "; ".join(found["notes"])
    assert list(found["weights"]) == ["nested.pth"]


WRONG_KEYS = {
    "50 missing": ({"conv.weight": CONV["conv.weight"]}, r"1 of 2 keys missing \(conv.bias\)"),
    "50 unexpected": ({**CONV, "other": torch.zeros(2)}, r"1 unexpected \(other\)"),
    "50 shape": ({**CONV, "conv.bias": torch.zeros(5)}, r"conv.bias is 5 but the network has 3"),
}


@pytest.mark.parametrize("case", WRONG_KEYS)
def test_weights_that_do_not_fit_list_the_keys(case: str, process: IsolatedProcess, folder: Path) -> None:
    state, words = WRONG_KEYS[case]
    torch.save(OrderedDict(state), folder / "wrong.pth")
    with pytest.raises(Refused, match=words):
        open_with(process, folder, {"net.py": net()}, weights="wrong.pth")


def test_weights_with_nan_are_named(process: IsolatedProcess, folder: Path) -> None:
    torch.save({**CONV, "conv.bias": torch.full((3,), torch.nan)}, folder / "nan.pth")
    assert open_with(process, folder, {"net.py": net()}, weights="nan.pth")["not_finite"] == ["conv.bias"]


def test_strict_false_of_a_loader_hides_nothing(process: IsolatedProcess, folder: Path) -> None:
    torch.save({"conv.weight": CONV["conv.weight"]}, folder / "half.pth")
    loader = (
        "import torch\nfrom fvcore.nn import nothing_like_it\n"
        "def select_model(args, device):\n    from net import Net\n    model = Net()\n"
        "    model.load_state_dict(torch.load('half.pth'), strict=False)\n    return model, ' x ', 255.0, None\n"
    )
    (folder / "net.py").write_text(net())
    (folder / "demo.py").write_text(loader)
    wanted = {"loader": "demo.py", "function": "select_model", "id": 3, "id_name": "model_id", "scale": 4}
    found = process.ask("open", spec=wanted).header
    assert found["missing"] == ["conv.bias"]
    assert (found["name"], found["data_range"]) == ("x", 255.0)


def test_strict_false_of_a_submission_hides_nothing(process: IsolatedProcess, folder: Path) -> None:
    torch.save({"conv.weight": CONV["conv.weight"], "other": torch.zeros(2)}, folder / "part.pth")
    found = open_with(process, folder, {"net.py": net()}, weights="part.pth", strict=False)
    assert (found["missing"], found["unexpected"]) == (["conv.bias"], ["other"])


@pytest.mark.parametrize("module", ["mamba_ssm.ops", "basicsr_of_mine.archs"])
def test_a_missing_package_is_named(module: str, process: IsolatedProcess, folder: Path) -> None:
    with pytest.raises(Refused, match=module.partition(".")[0]):
        open_with(process, folder, {"wants.py": net(top=f"from {module} import Symbol")}, file="wants.py")


def test_52_constructors_that_ask_for_cuda_or_warm_up_are_told(process: IsolatedProcess, folder: Path) -> None:
    files = {"cuda.py": net("self.cuda()(torch.randn(1, 3, 8, 8).cuda())")}
    found = open_with(process, folder, files, file="cuda.py")
    assert "no-cuda: .cuda() -> cpu" in found["notes"]
    assert found["warmed"] == 1


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("import sys; sys.exit(3)", "SystemExit"),
        ("input()", "EOFError|RuntimeError"),
        ("raise GeneratorExit", "GeneratorExit"),
    ],
)
def test_what_ends_a_program_is_an_answer(line: str, words: str, process: IsolatedProcess, folder: Path) -> None:
    with pytest.raises(Refused, match=words):
        open_with(process, folder, {"ends.py": net(top=line)}, file="ends.py")
    assert process.stopped == ""


OUTPUTS = {
    "list": ("return [F.interpolate(x, scale_factor=4)]", "returned a list of 1; expected one tensor"),
    "tuple": ("return x, x", "returned a tuple of 2"),
    "uint8": ("return F.interpolate(x, scale_factor=4).to(torch.uint8)", "returned uint8; expected float32"),
    "fp16": ("return F.interpolate(x, scale_factor=4).half()", "returned float16"),
    "too small": ("return x", "1x3x16x20 for an input of 16x20; expected 1x3x64x80: it is too small"),
    "too large": ("return F.interpolate(x, scale_factor=5)", "it is too large"),
    "4 channels": ("return F.interpolate(torch.cat([x, x[:, :1]], 1), scale_factor=4)", "it has 4 channels"),
    "channels last": ("return F.interpolate(x, scale_factor=4).permute(0, 2, 3, 1)", "NHWC"),
    "none": ("return None", "returned a NoneType"),
    "raises": ("raise ValueError('odd size')", "raised ValueError: odd size"),
    "batch": ("assert x.shape[0] == 2, 'two images'", "raised AssertionError: two images"),
}


@pytest.mark.parametrize("case", OUTPUTS)
def test_56_every_wrong_output_has_its_own_words(case: str, process: IsolatedProcess, folder: Path) -> None:
    forward, words = OUTPUTS[case]
    name = f"out_{case.replace(' ', '_')}.py"
    open_with(process, folder, {name: net(forward=forward)}, file=name)
    process.ask("image", LR.data.cast("B"), shape=[16, 20])
    with pytest.raises(Refused, match=words):
        process.ask("forward")


WRONG_TILES: dict[str, tuple[Callable[[torch.Tensor], Any], str]] = {
    "half": (lambda up: up.half(), "returned float16; expected float32"),
    "tuple": (lambda up: (up, up), "returned a tuple of 2; expected one tensor"),
    "one row": (lambda up: up[..., :1, :], "returned 1x3x1x32 for an input of 16x16; expected 1x3x32x32"),
}


@pytest.mark.parametrize("case", WRONG_TILES)
def test_56_wrong_outputs_are_refused_in_tiles_as_well(case: str) -> None:
    wrong, words = WRONG_TILES[case]

    class Net(nn.Module):
        def forward(self, x: torch.Tensor) -> Any:
            return wrong(nn.functional.interpolate(x, scale_factor=2))

    for tile in ((16, 4), (256, 32)):
        with pytest.raises(SrbenchError, match=words):
            checked(padded_pass(Net(), torch.rand(1, 3, 16, 20), 1, tile, 2), (16, 20), 2)


def test_54_padding_is_inside_the_pass_and_cropped(process: IsolatedProcess, folder: Path) -> None:
    needs = "assert x.shape[-1] % 16 + x.shape[-2] % 16 == 0, tuple(x.shape)\nreturn F.interpolate(x, scale_factor=4)"
    open_with(process, folder, {"window.py": net(forward=needs)}, file="window.py")
    process.ask("image", LR.data.cast("B"), shape=[16, 20])
    with pytest.raises(Refused, match=r"\(1, 3, 16, 20\)"):
        process.ask("forward")
    open_with(process, folder, {}, file="window.py", multiple=16)
    process.ask("image", LR.data.cast("B"), shape=[16, 20])
    assert process.ask("forward").header["shape"] == [3, 64, 80]


def test_state_that_is_no_parameter_is_counted_apart(process: IsolatedProcess, folder: Path) -> None:
    init = "self.mean = torch.zeros(1000)\nself.register_buffer('table', torch.zeros(20))"
    found = open_with(process, folder, {"mean.py": net(init)}, file="mean.py")
    assert (found["params"], found["uncounted"]) == (84, 1020)


HIDDEN = {
    "a registered kernel": (
        "@torch.library.custom_op('cases::hidden', mutates_args=())\n"
        "def hidden(x: torch.Tensor) -> torch.Tensor:\n    return torch.from_numpy(x.numpy() * 2)\n"
    ),
    "past the dispatcher": "def hidden(x):\n    return torch.from_numpy(x.numpy() * 2)\n",
}


@pytest.mark.parametrize("case", HIDDEN)
def test_58_what_the_counter_cannot_see_is_told(case: str, process: IsolatedProcess, folder: Path) -> None:
    name = f"kernel_{len(case)}.py"
    text = net(forward="return F.interpolate(hidden(self.conv(x)), scale_factor=4)", top=HIDDEN[case])
    open_with(process, folder, {name: text}, file=name)
    assert process.ask("hooked", LR.data.cast("B"), shape=[16, 20]).header["hidden"]
    open_with(
        process,
        folder,
        {"plain.py": net(forward="return F.interpolate(self.conv(x), scale_factor=4)")},
        file="plain.py",
    )
    assert process.ask("hooked", LR.data.cast("B"), shape=[16, 20]).header["hidden"] == []


def test_65_a_pass_that_differs_when_it_is_counted_shows(process: IsolatedProcess, folder: Path) -> None:
    cheat = (
        "if type(x).__name__ != 'FakeTensor':\n    for _ in range(5):\n        x = self.conv(x)\n"
        "return F.interpolate(self.conv(x), scale_factor=4)"
    )
    open_with(process, folder, {"cheat.py": net(forward=cheat)}, file="cheat.py")
    found = process.ask("hooked", LR.data.cast("B"), shape=[16, 20]).header
    assert found["real"] == 6 * found["traced"]


LOOKS = {
    "its modules": "'srbench' in sys.modules or 'pytest' in sys.modules",
    "its arguments": "any('bench' in one for one in sys.argv)",
    "its environment": "any('BENCH' in one for one in os.environ)",
    "its folder": "'bench' in os.getcwd()",
}


@pytest.mark.parametrize("case", LOOKS)
def test_65_what_looks_for_a_benchmark_finds_the_same_when_it_is_counted(
    case: str, process: IsolatedProcess, folder: Path
) -> None:
    lines = f"for _ in range(1 if {LOOKS[case]} else 5):\n    x = self.conv(x)\nreturn F.interpolate(x, scale_factor=4)"
    name = f"looks_{case.replace(' ', '_')}.py"
    open_with(process, folder, {name: net(forward=lines, top="import os, sys")}, file=name)
    found = process.ask("hooked", LR.data.cast("B"), shape=[16, 20], sizes=[[16, 20], [32, 16]]).header
    assert found["real"] == found["traced"] == found["at"][0] > 0
    assert found["at"][1] * 16 * 20 == found["at"][0] * 32 * 16


def test_65_a_size_that_is_not_taken_says_nothing(process: IsolatedProcess, folder: Path) -> None:
    needs = "assert x.shape[-1] > 8\nreturn F.interpolate(self.conv(x), scale_factor=4)"
    open_with(process, folder, {"wide.py": net(forward=needs)}, file="wide.py")
    found = process.ask("hooked", LR.data.cast("B"), shape=[16, 20], sizes=[[16, 8], [16, 20]]).header
    assert found["at"] == [None, found["real"]]


def test_the_child_knows_nothing_of_the_scorer(process: IsolatedProcess, folder: Path) -> None:
    top = "import sys\nfound = sorted(m for m in sys.modules if m.startswith('srbench.'))"
    with pytest.raises(Refused) as caught:
        open_with(process, folder, {"look.py": net("raise RuntimeError(' '.join(found))", top=top)}, file="look.py")
    for room in ("challenge", "evaluation", "results", "leaderboard", "report", "datasets"):
        assert f"srbench.{room}" not in str(caught.value)
