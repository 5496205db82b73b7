"""Networks as they are met in the wild: each loads as it is, or says in one sentence what it lacks."""

from __future__ import annotations

import itertools
import json
import math
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from click.testing import CliRunner

from srbench import plugins
from srbench.cli.main import app
from srbench.cost.count import count
from srbench.errors import SrbenchError
from srbench.models import ModelOptions, find_card, open_model, source_hash
from srbench.models.opening import load_class
from srbench.models.source import source_files

FOUND = Path(__file__).parent / "found"
SHIMS = ModelOptions(shims=True)

LOADS: list[tuple[str, ModelOptions, int, int]] = [
    # reference, options, scale, parameters
    ("arguments/net.py:Plain(3, 3, upscale=4)", ModelOptions(), 4, 224 + 2 * 584 + 8 * 48 * 9 + 48),
    ("arguments/net.py:Plain(3, 3, 6, depths=(1,))", ModelOptions(), 4, 168 + 330 + 6 * 48 * 9 + 48),
    ("arguments/net.py:Plain", ModelOptions({"in_nc": 3, "out_nc": 3, "act": "prelu"}), 2, 224 + 2 * 584 + 876),
    ("arguments/net.py:ByFactor", ModelOptions(), 3, 224 + 2 * 584 + 27 * 73),
    ("arguments/net.py:make_net", ModelOptions(), 3, 224 + 2 * 584 + 27 * 73),
    ("arguments/net.py:make_net(width=4)", ModelOptions(), 2, 112 + 2 * 148 + 12 * 37),
    ("kwargs/net.py:Open", ModelOptions(), 4, 48 * 28),
    ("kwargs/net.py:FloatScale", ModelOptions(), 3, 27 * 28),
    ("relative/models/net.py:Net", ModelOptions(), 2, 168 + 12 * 55),
    ("repo/models/team01_Net.py:Net", ModelOptions(), 4, 224 + 584 + 48 * 73),
    ("repo/models/team02_Parses.py:Net", ModelOptions(), 4, 48 * 28),
    ("missing/net.py:Net", SHIMS, 4, 48 * 28),
    ("cuda/net.py:Net", ModelOptions(), 4, 48 * 28),
    ("cuda/top.py:Net", ModelOptions(), 4, 48 * 28),
    ("cuda/streams.py:Net", ModelOptions(), 4, 48 * 28),
    ("missing/optional.py:Net", ModelOptions(), 4, 48 * 28),
    ("missing/optional.py:Net", SHIMS, 4, 48 * 28),
    ("printing/net.py:Net", ModelOptions(), 4, 48 * 28),
    ("nested/pkg/archs/One/__arch/net.py:Net", ModelOptions(), 3, 27 * 28),
    ("outside/net.py:Net", ModelOptions(), 4, 48 * 28),
    ("two_blocks/a/net.py:Net", ModelOptions(), 4, 224 + 584 + 48 * 73),
    ("two_blocks/b/net.py:Net", ModelOptions(), 4, 224 + 72 + 48 * 73),
    ("settings/net.py:Net(args(n_feats=8, scale=[4], rgb_range=255, n_colors=3))", ModelOptions(), 4, 224 + 48 * 73),
    (
        "settings/net.py:make_model(opt(n_feats=8, scale=(2,), rgb_range=1, n_colors=3, act='prelu'))",
        ModelOptions(),
        2,
        224 + 1 + 12 * 73,
    ),
    ("settings/net.py:ByKey(opt=cfg(width=8))", ModelOptions(), 4, 224 + 48 * 73),
    ("deformable/net.py:Net", SHIMS, 4, 18 * 28 + 4 * 28 + 54 * 37 + 48 * 37),
    ("dynamic/build.py:net", ModelOptions(), 2, 12 * 28),
]

FAILS: list[tuple[str, ModelOptions, int, str]] = [
    # reference, options, scale, what the one sentence says
    ("arguments/net.py:Plain", ModelOptions(), 4, r"raised TypeError in Plain\(upscale=4\).*in_nc.*--arg"),
    ("arguments/net.py:Plain(3, 3, upscale=2)", ModelOptions(), 4, "has no scale x4; it has x2"),
    ("arguments/net.py:Plain(3, 3, nf=width)", ModelOptions(), 4, "are not literals"),
    ("arguments/net.py:Plain(__import__('os').getcwd())", ModelOptions(), 4, "are not literals"),
    ("arguments/net.py", ModelOptions(), 4, r"expected .*net.py:CLASS \(it has Plain, ByFactor, FixedTwice\)"),
    ("settings/net.py:Net", ModelOptions(), 4,
     r"'args' holds its settings: give them as 'net.py:Net\(args\(n_feats=..., scale=..., rgb_range=..., n_co"),
    ("settings/net.py:Net(args(n_feats=8))", ModelOptions(), 4, r"nothing was given for 'scale'; add scale=VALUE"),
    ("settings/net.py:ByKey(opt())", ModelOptions(), 4, r"nothing was given for 'width'; add width=VALUE"),
    ("settings/net.py:Net(args(8))", ModelOptions(), 4, "are not literals"),
    ("arguments/nowhere.py:Net", ModelOptions(), 4, "does not exist"),
    ("arguments/net.py:Nothing", ModelOptions(), 4, "has no attribute 'Nothing'"),
    ("missing/net.py:Net", ModelOptions(), 4, r"net.py line 2.* needs the package 'timm'.*--shims"),
    ("missing/net.py:Needs", SHIMS, 4, r"line 25.*'thop_that_nobody_has.profile' is used, but .* is not installed"),
    ("repo/models/team03_Broken.py:Net", ModelOptions(), 4, r"Broken.py line 8\) raised RuntimeError.*half written"),
    ("repo/models/team04_Exits.py:Net", ModelOptions(), 4, r"team04_Exits.py line 3\) raised SystemExit on import: 3"),
]  # fmt: skip


def _ids(value: object) -> str:
    return value if isinstance(value, str) else ""


@pytest.fixture(autouse=True)
def _fresh() -> Any:
    """Every test imports the files anew, and leaves nothing behind."""
    with plugins.scoped():
        before = set(sys.modules)
        yield
        assert not {"blocks", "models", "utils", "archs", "my_ops", "timm"} & (set(sys.modules) - before)


@pytest.mark.parametrize(("reference", "options", "scale", "params"), LOADS, ids=_ids)
def test_it_loads_as_it_is(reference: str, options: ModelOptions, scale: int, params: int) -> None:
    model = open_model(f"{FOUND}/{reference}", scale, "none", options=options)
    assert model.network is not None
    assert sum(p.numel() for p in model.network.parameters()) == params
    assert model.forward(torch.rand(1, 3, 5, 6)).shape == (1, 3, 5 * scale, 6 * scale)


@pytest.mark.parametrize(("reference", "options", "scale", "sentence"), FAILS, ids=_ids)
def test_what_it_lacks_is_one_sentence(reference: str, options: ModelOptions, scale: int, sentence: str) -> None:
    with pytest.raises(SrbenchError, match=sentence) as caught:
        open_model(f"{FOUND}/{reference}", scale, "none", options=options)
    assert "\n" not in str(caught.value)
    assert "srbench_file_" not in str(caught.value)


def test_a_network_of_another_scale_is_an_error_that_says_which() -> None:
    model = open_model(f"{FOUND}/arguments/net.py:FixedTwice", 4, "none")
    with pytest.raises(SrbenchError, match=r"it is a x2 network, so give --scale 2"):
        model.forward(torch.rand(1, 3, 5, 6))
    done = CliRunner().invoke(app, ["profile", "--models", f"{FOUND}/arguments/net.py:FixedTwice", "--json"])
    assert done.exit_code == 1
    assert "it is a x2 network, so give --scale 2" in json.loads(done.stdout)["failures"][0]["error"]


def test_what_was_replaced_is_noted() -> None:
    notes = open_model(f"{FOUND}/missing/net.py:Net", 4, "none", options=SHIMS).notes
    assert {(note.kind, note.wanted, note.used) for note in notes} == {
        ("stand-in", "timm", "a stand-in"),
        ("stand-in", "basicsr", "a stand-in"),
        ("stand-in", "einops", "a stand-in"),
        ("stand-in", "torchvision", "a stand-in"),
        ("stand-in", "thop_that_nobody_has", ""),
    }
    if not torch.cuda.is_available():
        (note,) = open_model(f"{FOUND}/cuda/net.py:Net", 4, "none").notes
        assert (note.kind, note.wanted, note.used) == ("no-cuda", ".cuda(), device='cuda', .to('cuda:0')", "cpu")
        (note,) = open_model(f"{FOUND}/cuda/top.py:Net", 4, "none").notes
        assert note.wanted == "torch.set_default_tensor_type('torch.cuda.FloatTensor'), .cuda()"
        (note,) = open_model(f"{FOUND}/cuda/streams.py:Net", 4, "none").notes
        assert note.wanted == "torch.cuda.Stream(), torch.cuda.Event(), torch.cuda.FloatTensor"
    assert open_model(f"{FOUND}/missing/optional.py:Net", 4, "none", options=SHIMS).notes == ()  # its own way without


def test_the_hash_covers_the_files_own_tree() -> None:
    def files(reference: str) -> set[str]:
        return set(source_files(find_card(f"{FOUND}/{reference}")))

    assert files("two_blocks/a/net.py:Net") == {"net.py", "blocks.py"}
    assert files("relative/models/net.py:Net") == {"net.py", "common.py", "late.py", "../utils/init.py"}
    assert files("outside/net.py:Net") == {"net.py", "elsewhere/my_ops.py"}
    assert files("dynamic/build.py:net") == {"build.py", "archs/__init__.py", "archs/one_arch.py"}
    a, b = (source_hash(find_card(f"{FOUND}/two_blocks/{d}/net.py:Net")) for d in "ab")
    assert a != b


def test_one_class_of_a_repository_is_loaded_alone() -> None:
    loaded = load_class(FOUND / "repo", "models.team01_Net", "Net", {"scale": 2})
    assert sum(p.numel() for p in loaded.network.parameters()) == 224 + 584 + 12 * 73
    assert loaded.card.scales == (2,)
    assert (
        load_class(FOUND / "arguments", "net.py", "Plain", (3, 3, 4), scale=3).network(torch.rand(1, 3, 4, 4)).shape[-1]
        == 12
    )


@pytest.mark.parametrize("verb", [("profile", "--format", "json"), ("profile", "--format", "csv")])
def test_what_it_prints_is_not_on_stdout(verb: tuple[str, ...]) -> None:
    done = CliRunner().invoke(app, [*verb, "--models", f"imdn,{FOUND}/printing/net.py:Net", "--size", "16x16"])
    assert done.exit_code == 0, done.output
    assert "params: 1M" in done.stderr
    assert "best network" not in done.stdout
    if "json" in verb:
        assert [row["title"] for row in json.loads(done.stdout)["models"]] == ["IMDN", "Net"]
    else:
        assert len({line.count(",") for line in done.stdout.strip().splitlines()}) == 1


def test_arguments_and_options_are_given_on_the_command_line() -> None:
    net = f"{FOUND}/arguments/net.py"
    rows = ["--models", f"IMDN,{net}:Plain(3, 3, upscale=4)", "--model-file", f"{net}:ByFactor", "--arg", "nf=6"]
    rows += ["--json", "--size", "8x8"]
    done = CliRunner().invoke(app, ["profile", *rows], catch_exceptions=False)
    models = json.loads(done.stdout)["models"]
    assert [row["params"] for row in models] == [715176, *[168 + 2 * 330 + 48 * 55] * 2]
    refused = CliRunner().invoke(app, ["profile", "--models", "imdn", "--arg", "nf=6"])
    assert "write 'imdn(name=value)'" in str(refused.exception)


def test_time_uses_titles_and_notes_what_was_replaced() -> None:
    command = [
        "time",
        "--models",
        f"{FOUND}/missing/net.py:Net,{FOUND}/printing/net.py:Net",
        "--shims",
        "--size",
        "8x8",
    ]
    command += ["--rounds", "2", "--warm-up", "0.1", "--no-roofline"]
    done = CliRunner().invoke(app, [*command, "--json"])
    found = json.loads(done.stdout)
    assert {note["wanted"] for note in found["notes"]} >= {"timm", "einops"}
    assert [timing["model"][:4] for timing in found["timings"]] == ["net", "net-"]
    assert "Net: timm is replaced by a stand-in" in done.stderr
    assert "Net (net-" in done.stderr


def test_what_runs_on_the_cpu_stays_there_on_a_machine_with_cuda_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    model = open_model(f"{FOUND}/cuda/net.py:Net", 4, "none")
    assert model.forward(torch.rand(1, 3, 5, 6)).shape == (1, 3, 20, 24)
    (note,) = model.notes
    assert note.why == "it runs on the CPU"


def test_the_name_of_a_files_module_is_the_same_in_every_process(tmp_path: Path) -> None:
    """A class of a plugin file is named to the processes that time it, which have imported nothing else before."""
    (tmp_path / "net.py").write_text("class Net: pass\n")
    names = []
    for before in ((), ("two_blocks/a/net.py", "two_blocks/b/net.py")):
        with plugins.scoped():
            for other in before:
                plugins.import_file(FOUND / other)
            names.append(plugins.import_file(tmp_path / "net.py").__name__)
    assert names[0] == names[1]


def test_a_deformable_convolution_is_the_one_that_is_worked_out_tap_by_tap() -> None:
    from srbench.models.deformable import deform_conv2d

    torch.manual_seed(1)
    for groups, parts, numbers in ((1, 1, [1, 1, 1, 1, 1, 1]), (2, 2, [2, 1, 0, 2, 1, 2])):
        x, weight, bias = (
            torch.rand(2, 4, 7, 6).double(),
            torch.rand(6, 4 // groups, 3, 2).double(),
            torch.rand(6).double(),
        )
        rows = (7 + 2 * numbers[2] - 2 * numbers[4] - 1) // numbers[0] + 1
        columns = (6 + 2 * numbers[3] - numbers[5] - 1) // numbers[1] + 1
        offset = 3 * torch.randn(2, 2 * parts * 6, rows, columns).double()
        mask = torch.rand(2, parts * 6, rows, columns).double()
        found = deform_conv2d(x, offset, weight, bias, mask, numbers)
        assert torch.allclose(found, _tap_by_tap(x, offset, weight, bias, mask, numbers), atol=1e-9)
    still = torch.nn.functional.conv2d(x, weight, bias, (2, 1), (0, 2), (1, 2), 2)
    assert torch.allclose(deform_conv2d(x, 0 * offset, weight, bias, None, numbers), still, atol=1e-9)


def _tap_by_tap(x: Any, offset: Any, weight: Any, bias: Any, mask: Any, numbers: list[int]) -> torch.Tensor:
    """The sum over taps, written with loops."""
    batch, out_channels, (rows, columns) = x.shape[0], weight.shape[0], offset.shape[-2:]
    parts, groups = mask.shape[1] // 6, x.shape[1] // weight.shape[1]
    out = torch.zeros(batch, out_channels, rows, columns).double()
    for n, o, r, c, i, k in np.ndindex(batch, out_channels, rows, columns, weight.shape[1], 6):
        channel = i + o // (out_channels // groups) * weight.shape[1]
        tap = channel // (x.shape[1] // parts) * 6 + k
        y = r * numbers[0] - numbers[2] + k // 2 * numbers[4] + float(offset[n, 2 * tap, r, c])
        z = c * numbers[1] - numbers[3] + k % 2 * numbers[5] + float(offset[n, 2 * tap + 1, r, c])
        out[n, o, r, c] += weight[o, i, k // 2, k % 2] * mask[n, tap, r, c] * _between(x[n, channel], y, z)
    return out + bias.view(-1, 1, 1)


def _between(plane: torch.Tensor, y: float, z: float) -> float:
    """Bilinear, zero outside."""
    total = 0.0
    for row, column in itertools.product((math.floor(y), math.floor(y) + 1), (math.floor(z), math.floor(z) + 1)):
        if 0 <= row < plane.shape[0] and 0 <= column < plane.shape[1]:
            total += float(plane[row, column]) * (1 - abs(y - row)) * (1 - abs(z - column))
    return total


def test_a_deformable_convolution_counts_as_its_operator_does() -> None:
    source = open_model(f"{FOUND}/deformable/net.py:Net", 4, "none", options=SHIMS)
    assert source.network is not None
    found = count(source.network, (5, 6))
    taps = 4 * 9 * 3 + 4 * 9 * 4  # 4 per sample, for every channel and tap
    convolved = 27 * 18 + 36 * 54
    assert found["macs"].macs == 30 * (convolved + 27 * 4 + 36 * 48 + taps)
    assert found["fvcore"].macs == found["torch"].macs == found["ntire-hooks"].macs == 30 * convolved
