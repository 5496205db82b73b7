"""``srbench challenge validate``: every check runs, and says what it found; models are read, never run."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from click.testing import CliRunner, Result
from torch import nn

from srbench.challenge.checkpoint import CheckpointError, read_checkpoint
from srbench.challenge.checks import CHECKS, validate
from srbench.cli.main import app
from srbench.errors import SrbenchError
from srbench.rules import get_rules

from .builders import folder_of, good, hr_image, plan, png, references, score, sr_image, zipped

RULES = get_rules("ntire2026-esr")
NET = b"""
import torch
from torch import nn


class Block(nn.Module):
    def forward(self, x):
        return x


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.block, self.conv = Block(), nn.Conv2d(3, 48, 3)

    def forward(self, x):
        return self.conv(self.block(x))
"""


def call(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["challenge", *map(str, arguments)], catch_exceptions=True)


@pytest.fixture
def hr(tmp_path: Path) -> Path:
    return references(tmp_path / "hr")


def test_a_good_submission_gets_the_scorers_numbers(hr: Path, tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", good())
    result = call("validate", path, "--rules", RULES.id, "--references", hr, "--json")
    assert result.exit_code == 0
    found = json.loads(result.stdout)
    assert found["values"] == score(path, hr).published(plan())
    assert {check["status"] for check in found["checks"]} == {"passed"}


def test_all_problems_are_found_in_one_pass(hr: Path, tmp_path: Path) -> None:
    files = {**good(), "0801x4.png": png(sr_image(0)[::4, ::4]), "0899.png": b"", "../x.png": b"", "x.npy": b""}
    files.pop("0802x4.png")
    result = call("validate", zipped(tmp_path / "a.zip", files), "--rules", RULES.id, "--references", hr)
    assert result.exit_code == 3
    for text in ("0801: wrong size", "expected: 64x56", "found: 16x14", "to mend:", "missing: 0802", "'0899.png'",
                 "'../x.png' leads out", "'x.npy' holds arrays", "could not run"):  # fmt: skip
        assert text in result.stdout
    for theme in ("archive", "names", "images", "readme", "quality"):
        assert f"\n{theme}\n" in result.stdout


def test_below_the_floor(hr: Path, tmp_path: Path) -> None:
    inverted = {
        name: data if name == "readme.txt" else png(255 - sr_image(int(name[3]) - 1)) for name, data in good().items()
    }
    found = validate(zipped(tmp_path / "a.zip", inverted), RULES, hr)
    quality = next(result for result in found.results if result.check.name == "quality-floor")
    assert quality.status == "failed"
    assert quality.problems[0].expected == "at least 26.9"
    alike = next(result for result in found.results if result.check.name == "images-alike")
    assert any("colours look inverted" in note.text for note in alike.notes)
    assert "not 255 less it" in quality.problems[0].mend
    noise = np.random.default_rng(0).normal(0, 40, (4, 56, 64, 3))
    noisy = [png(np.clip(sr_image(n) + noise[n], 0, 255).astype(np.uint8)) for n in range(4)]
    files = {**good(), **{f"080{n + 1}x4.png": data for n, data in enumerate(noisy)}}
    quality = by_name(zipped(tmp_path / "b.zip", files), hr)["quality-floor"]
    assert quality.problems[0].mend == "train longer"


def test_a_warning_is_in_the_last_line(hr: Path, tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", {**good(), "0801x4.png": png(hr_image(0))})
    result = call("validate", path, "--rules", RULES.id, "--references", hr)
    assert result.stdout.splitlines()[-1] == "valid, 1 warning: suspicious; no check failed"
    assert "equals reference: 0801" in validate(path, RULES, hr).as_dict()["warnings"][0]


def test_without_references_the_number_of_images_is_checked(tmp_path: Path) -> None:
    found = validate(zipped(tmp_path / "a.zip", good()), RULES)
    counted = next(result for result in found.results if result.check.name == "images-counted")
    assert counted.problems[0].found == "4"
    assert "200" in counted.problems[0].expected


def by_name(path: Path, *arguments: Any, **options: Any) -> dict[str, Any]:
    return {result.check.name: result for result in validate(path, RULES, *arguments, **options).results}


def test_without_references_nothing_is_said_of_names_and_sizes(tmp_path: Path) -> None:
    found = by_name(zipped(tmp_path / "a.zip", {"zz0801x4.png": png(sr_image(0)), "readme.txt": b"a"}))
    for name in ("images-named", "images-sized"):
        assert (found[name].status, "give --lr DIR" in found[name].reason) == ("could not run", True)
    assert found["images-decode"].status == "passed"
    twice = by_name(zipped(tmp_path / "b.zip", {**good(), "0801.png": png(sr_image(0))}))
    assert twice["images-named"].status == "failed"


def lr_images(folder: Path) -> Path:
    return folder_of(folder, {f"080{n + 1}x4.png": png(sr_image(n)[::4, ::4]) for n in range(4)})


def test_names_and_sizes_follow_from_lr_images(tmp_path: Path) -> None:
    lr = lr_images(tmp_path / "lr")
    found = by_name(zipped(tmp_path / "a.zip", good()), lr=lr)
    assert [found[f"images-{name}"].status for name in ("named", "counted", "decode", "sized")] == ["passed"] * 4
    assert "there are 4 LR images; the rules say 200 of valid or 200 of test" in found["images-counted"].notes[0].text
    files = {**good(), "0899x4.png": png(sr_image(0)), "0802x4.png": png(sr_image(1)[:-4])}
    result = call("validate", zipped(tmp_path / "b.zip", files), "--rules", RULES.id, "--lr", lr)
    assert result.exit_code == 3
    for text in ("'0899x4.png' belongs to no LR image", "expected: 64x56\n      found: 64x52"):
        assert text in result.stdout
    renamed = {f"080{n + 1}_SR.png": png(sr_image(n)) for n in range(4)}
    found = by_name(zipped(tmp_path / "c.zip", renamed), lr=lr)
    assert found["images-sized"].status == "could not run"
    (said,) = found["images-named"].problems
    assert (said.what, said.expected) == ("all 4 names end in '_SR'", "0801.png or 0801x4.png")
    sized = by_name(zipped(tmp_path / "e.zip", good()), lr=references(tmp_path / "hr"))["images-sized"]
    assert (sized.status, "--lr has no LR images" in sized.notes[0].text) == ("failed", True)
    (lr / "0801.png").write_bytes(png(sr_image(0)))
    with pytest.raises(SrbenchError, match="an image twice, the second is '0801x4"):
        validate(zipped(tmp_path / "f.zip", good()), RULES, lr=lr)
    (tmp_path / "empty").mkdir()
    with pytest.raises(SrbenchError, match="holds no PNG"):
        validate(zipped(tmp_path / "d.zip", good()), RULES, lr=tmp_path / "empty")


def test_the_number_of_images_follows_from_what_is_known(hr: Path, tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", good())
    expected = {None: "200 of valid or 200 of test", "test": "200 of test"}
    for dataset, text in expected.items():
        assert by_name(path, dataset=dataset)["images-counted"].problems[0].expected == text
    counted = by_name(path, hr)["images-counted"]
    assert (counted.status, counted.problems) == ("passed", ())
    assert "there are 4 references; the rules say 200 of valid" in counted.notes[0].text


def test_ten_problems_of_a_check_are_shown(tmp_path: Path) -> None:
    files = {f"{n:04d}x4.png": png(sr_image(0, (30, 30))) for n in range(14)}
    shown = call("validate", zipped(tmp_path / "a.zip", files), "--rules", RULES.id).stdout
    assert (shown.count(": wrong size"), "    and 4 more; --json" in shown) == (10, True)


def test_the_name_of_the_folder_here_is_shown(hr: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(hr)
    assert call("validate", ".", "--rules", RULES.id).stdout.startswith("hr: results submission")


def test_wrong_references_are_an_error_of_ones_own(hr: Path, tmp_path: Path) -> None:
    (hr / "0801.png").write_bytes(b"x")
    (hr / "notes.doc").write_bytes(b"x")
    result = call("validate", zipped(tmp_path / "a.zip", good()), "--rules", RULES.id, "--references", hr)
    assert result.exit_code == 1
    assert "reference data" in str(result.exception)


def test_another_check_can_be_added(tmp_path: Path) -> None:
    from srbench.challenge.checks import Check
    from srbench.challenge.verdict import Problem

    def broken(_subject: Any) -> list[Problem]:
        raise RuntimeError("boom")

    with CHECKS.scoped():
        CHECKS.add(
            Check("mine", "colour", "mine", ("results",), lambda _s: [Problem("colour", "too blue")]),
            Check("bad", "colour", "bad", ("results",), broken),
        )
        found = {r.check.name: r for r in validate(zipped(tmp_path / "a.zip", good()), RULES).results}
    assert found["mine"].status == "failed"
    assert (found["bad"].status, found["bad"].reason) == ("could not run", "the check failed: RuntimeError: boom")


def saved(value: Any, path: Path, **options: Any) -> bytes:
    torch.save(value, path, **options)
    return path.read_bytes()


def state() -> dict[str, torch.Tensor]:
    return dict(nn.Conv2d(3, 48, 3).state_dict())


def model(tmp_path: Path, **changes: bytes | None) -> Path:
    """A model submission with files replaced: ``net``, ``weights``, ``toml``."""
    files: dict[str, bytes | None] = {
        "models/team07_Net.py": changes.get("net", NET),
        "model_zoo/team07_Net.pth": changes["weights"] if "weights" in changes else saved(state(), tmp_path / "w.pth"),
        "submission.toml": changes.get("toml"),
    }
    return zipped(tmp_path / "m.zip", {name: data for name, data in files.items() if data is not None})


def statuses(path: Path) -> tuple[dict[str, str], str]:
    found = validate(path, RULES)
    problems = [problem.sentence() for result in found.results for problem in result.problems]
    notes = [note.text for result in found.results for note in result.notes]
    return {result.check.name: result.status for result in found.results}, "\n".join(problems + notes)


def test_a_good_model_passes_what_needs_no_run(tmp_path: Path) -> None:
    found, text = statuses(model(tmp_path))
    open_ = {"weights-fit", "cost-measured", "quality-measured"}
    assert {name for name, status in found.items() if status != "passed"} == open_
    assert "taken to be class Net" in text
    assert "0.001344 M values" in text


class Evil:
    def __reduce__(self) -> tuple[Any, tuple[str]]:
        return os.system, ("touch srbench-was-here",)


BAD_WEIGHTS: dict[str, tuple[Callable[[Path], bytes], str, str]] = {
    "46 gadget": (lambda p: saved({"a": Evil()}, p), "weights-plain", "not a plain state dict"),
    "46 gadget, old form": (
        lambda p: saved({"a": Evil()}, p, _use_new_zipfile_serialization=False), "weights-plain", "refused",
    ),
    "47 whole network": (lambda p: saved(nn.Conv2d(3, 3, 1), p), "weights-plain", "a whole network"),
    "47 ONNX": (lambda p: b"\x08\x07\x12\x07pytorch", "weights-plain", "ONNX"),
    "47 empty": (lambda p: b"", "weights-plain", "is empty"),
    "48 view": (
        lambda p: saved({"a": torch.zeros(1).expand(10**6, 10**6)}, p), "weights-stored", "repeats",
    ),
    "50 NaN": (lambda p: saved({"a": torch.tensor([1.0, float("nan")])}, p), "weights-finite", "NaN"),
    "cut short": (lambda p: saved(state(), p)[:-200], "weights-plain", "damaged"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD_WEIGHTS)
def test_weights_are_refused_without_running_them(case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    make, check, text = BAD_WEIGHTS[case]
    found, said = statuses(model(tmp_path, weights=make(tmp_path / "w.pth")))
    assert found[check] == "failed"
    assert text in said
    assert not (tmp_path / "srbench-was-here").exists()


def test_47_scripts_are_told_from_weights(tmp_path: Path) -> None:
    with pytest.warns():
        torch.jit.trace(nn.Conv2d(3, 3, 1), torch.zeros(1, 3, 4, 4)).save(str(tmp_path / "s.pt"))
    with pytest.raises(CheckpointError, match="TorchScript"):
        read_checkpoint((tmp_path / "s.pt").read_bytes())


@pytest.mark.parametrize("old", [False, True])
def test_49_which_key_is_used_is_said(old: bool, tmp_path: Path) -> None:
    both = {"params": state(), "params_ema": {f"module.{k}": v for k, v in state().items()}, "epoch": 3}
    data = saved(both, tmp_path / "w.pth", _use_new_zipfile_serialization=not old)
    found = read_checkpoint(data)
    assert (found.key, found.others, found.prefixed) == ("params_ema", ("params",), True)
    assert {name: tensor.shape for name, tensor in found.tensors.items()} == {"weight": (48, 3, 3, 3), "bias": (48,)}
    assert read_checkpoint(data, "params").key == "params"


def test_safetensors_are_described(tmp_path: Path) -> None:
    from safetensors.torch import save

    data = save(state())
    found = read_checkpoint(data)
    assert found.tensors["weight"].shape == (48, 3, 3, 3)
    with pytest.raises(CheckpointError, match="another size"):
        read_checkpoint(data[:-4])


BAD_CODE: dict[str, tuple[bytes, str, str]] = {
    "51 package": (b"from nowhere.layers import DropPath\n" + NET, "code-imports", "nowhere.layers.DropPath"),
    "arguments of the constructor": (
        b"from torch import nn\nclass Net(nn.Module):\n    def __init__(self, in_nc, width=3, scale=4):\n"
        b"        super().__init__()\n    def forward(self, x):\n        return x\n",
        "code-network",
        "cannot be built without in_nc",
    ),
    "53 ends": (b"import sys\nsys.exit(0)\n" + NET, "code-on-import", "sys.exit() runs on import"),
    "53 arguments": (b"import argparse as a\na.ArgumentParser().parse_args()\n" + NET, "code-on-import", "parse_args"),
    "53 loop": (b"while True:\n    pass\n" + NET, "code-on-import", "loops for ever"),
    "59 data": (b"TABLE = '" + b"x" * 200_000 + b"'\n" + NET, "code-data", "200000 bytes of data"),
    "46 process": (b"import subprocess\nsubprocess.run(['ls'])\n" + NET, "code-acts", "run starts a process"),
    "not Python": (b"class Net(:\n", "code-readable", "SyntaxError"),
    "two networks": (NET.replace(b"Net", b"One") + NET.replace(b"Net", b"Two"), "code-network", "not clear"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD_CODE)
def test_code_is_read_and_never_run(case: str, tmp_path: Path) -> None:
    source, check, text = BAD_CODE[case]
    found, said = statuses(model(tmp_path, net=source))
    assert found[check] == "failed"
    assert text in said


def test_what_stands_below_main_is_not_looked_at(tmp_path: Path) -> None:
    tail = b'\nif __name__ == "__main__":\n    import sys, subprocess\n    subprocess.run(["ls"])\n    sys.exit(0)\n'
    found, _ = statuses(model(tmp_path, net=NET + tail))
    assert (found["code-acts"], found["code-on-import"]) == ("passed", "passed")


def test_the_description_is_read(tmp_path: Path) -> None:
    found, _ = statuses(model(tmp_path, toml=b'class = "Block"\ndata_range = 255.0\nmultiple = 16\n'))
    assert (found["code-described"], found["code-network"]) == ("passed", "passed")
    found, said = statuses(model(tmp_path, toml=b'klass = "Net"\ndata_range = 1.0\n'))
    assert found["code-described"] == "failed"
    assert "'klass'" in said


@pytest.mark.parametrize(
    ("line", "mend"),
    [
        (b'data_range = "white"', "write a number, such as 255.0"),
        (b"tile = 256", "write two whole numbers, such as [256, 32]"),
        (b"name = 7", "write text in quotes"),
    ],
)
def test_a_wrong_type_in_the_description_is_mended_by_an_example(line: bytes, mend: str, tmp_path: Path) -> None:
    found, said = statuses(model(tmp_path, toml=line))
    assert (found["code-described"], mend in said) == ("failed", True)


def test_missing_files_of_a_model_are_named(tmp_path: Path) -> None:
    found, said = statuses(model(tmp_path, weights=None))
    assert (found["model-files"], found["weights-plain"]) == ("failed", "could not run")
    assert "model_zoo/team07_Net.pth" in said


def test_score_ranks_submissions_and_bundle_writes_and_checks(hr: Path, tmp_path: Path) -> None:
    better, worse = zipped(tmp_path / "b.zip", good()), folder_of(tmp_path / "w", good())
    (worse / "0801x4.png").write_bytes(png(255 - sr_image(0)))
    result = call("score", worse, better, "--references", hr, "--rules", RULES.id, "--json")
    assert [row["submission"] for row in json.loads(result.stdout)] == ["b.zip", "w"]
    out = tmp_path / "bundle.zip"
    options = ("--platform", "codabench", "--rules", RULES.id)
    written = call("bundle", *options, "--references", hr, "-o", out)
    assert (written.exit_code, "note: test is left out of the bundle" in written.stdout) == (0, True)
    assert call("bundle", *options, "--check", out).exit_code == 0
    small, smaller = references(tmp_path / "valid"), lr_images(tmp_path / "test")
    (small / "0804.png").unlink()
    sets = ("--references", f"valid={small}", "--references", f"test={smaller}")
    wrong = call("bundle", *options, *sets, "-o", tmp_path / "wrong")
    assert wrong.exit_code == 3
    for text in ("references of task 'test' look like LR images", "note: valid: 3 references, the rules say 200"):
        assert text in wrong.stdout
    again = call("bundle", *options, "--check", tmp_path / "wrong")
    assert (again.exit_code, again.stdout) == (3, wrong.stdout)
    other = call("bundle", "--platform", "codabench", "--rules", "ntire2024-esr", "--check", out)
    assert (other.exit_code, "scores by other rules; got ntire2026-esr" in other.stdout) == (3, True)
    assert "(3 images)" in (tmp_path / "wrong" / "overview.md").read_text()
    page = (tmp_path / "wrong" / "evaluation.md").read_text()
    assert "A submission has 3 images for valid, 4 images for test." in page
    assert f"--rules {RULES.id} --lr LR_DIR" in page
    assert "(200 images)" not in (tmp_path / "wrong" / "overview.md").read_text()
    odd = tmp_path / "odd"
    odd.mkdir()
    (odd / "0801.png").write_bytes(png(sr_image(0)[:-1]))
    unsure = call("bundle", *options, "--references", f"test={odd}", "-o", tmp_path / "unsure")
    assert "note: test: 1 of 1 references have sides that are no multiples of 4 (0801.png: " in unsure.stdout
    empty = call("bundle", *options, "-o", tmp_path / "empty.zip")
    assert empty.exit_code == 3
    assert "no reference_data; give --references" in empty.stdout
