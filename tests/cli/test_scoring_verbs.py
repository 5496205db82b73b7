"""``srbench eval-images`` and ``srbench explain-metric``: figures on stdout, no model and no torch."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result
from PIL import Image

from srbench.cli.main import app
from srbench.imaging import read_image, write_image
from srbench.metrics import score


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    """SR and HR of three images, named differently and with HR two pixels larger than a multiple of 4."""
    rng = np.random.default_rng(0)
    for name in ("a", "b10", "b9"):
        hr = rng.integers(0, 256, (38, 42, 3), dtype=np.uint8)
        write_image(tmp_path / "hr" / f"{name}.png", hr)
        write_image(tmp_path / "sr" / f"{name}x4_SR.png", hr[:36, :40] ^ 3)
    return tmp_path / "sr", tmp_path / "hr"


def call(*args: object) -> Result:
    return CliRunner().invoke(app, [str(arg) for arg in args], catch_exceptions=True)


def test_a_table_of_images_and_their_mean(folders: tuple[Path, Path]) -> None:
    result = call("eval-images", *folders)
    assert result.exit_code == 0, result.stderr
    found = [
        score(read_image(folders[0] / f"{n}x4_SR.png"), read_image(folders[1] / f"{n}.png")[:36, :40])
        for n in ("a", "b10", "b9")
    ]
    assert "y-matlab@1, x4, shave 4" in result.stdout
    assert "PSNR [dB]" in result.stdout
    for each in found:
        assert f"{each.psnr:.4f}" in result.stdout
    assert f"{np.mean([each.psnr for each in found]):.4f}" in result.stdout.split("mean of 3")[1]


def test_json_carries_the_protocol_and_every_image(folders: tuple[Path, Path]) -> None:
    result = call("eval-images", *folders, "--protocol", "rgb-ntire", "--json")
    found = json.loads(result.stdout)
    assert found["protocol"]["id"] == "rgb-ntire@1"
    assert found["protocol"]["ssim"]["size"] == 11
    assert [row["image"] for row in found["images"]] == ["a", "b10", "b9"]
    assert found["mean"]["psnr"] == pytest.approx(np.mean([row["psnr"] for row in found["images"]]))


def test_identical_images_are_inf_in_the_table_and_null_in_json(folders: tuple[Path, Path]) -> None:
    hr = folders[1]
    assert "inf" in call("eval-images", hr, hr).stdout
    found = json.loads(call("eval-images", hr, hr, "--json").stdout)
    assert found["mean"] == {"psnr": None, "ssim": 1.0, "identical_images": 3}


def test_two_single_files(folders: tuple[Path, Path]) -> None:
    result = call("eval-images", folders[0] / "ax4_SR.png", folders[1] / "a.png", "--json")
    assert len(json.loads(result.stdout)["images"]) == 1


def test_an_opaque_alpha_channel_is_noted_on_stderr_only(folders: tuple[Path, Path]) -> None:
    file = folders[0] / "ax4_SR.png"
    Image.fromarray(read_image(file)).convert("RGBA").save(file)
    result = call("eval-images", *folders, "--json")
    assert "note: " in result.stderr
    assert "opaque alpha channel" in result.stderr
    json.loads(result.stdout)


def test_a_plugin_brings_a_protocol(folders: tuple[Path, Path], tmp_path: Path) -> None:
    plugin = tmp_path / "mine.py"
    plugin.write_text(
        "from srbench.metrics import Protocol, register_protocol\n"
        "register_protocol(Protocol(name='from-a-plugin', shave=1))\n"
    )
    result = call("eval-images", *folders, "--plugin", plugin, "--protocol", "from-a-plugin")
    assert "from-a-plugin@1, x4, shave 1" in result.stdout


def test_explain_metric_marks_the_convention_of_a_reported_number(folders: tuple[Path, Path]) -> None:
    plain = json.loads(call("explain-metric", *folders, "--json").stdout)
    by_key = {row["convention"]: row for row in plain["conventions"]}
    assert by_key["y-pooled"]["ssim"] is None
    assert by_key["y-uniform-7"]["psnr"] is None
    reported = f"{by_key['yiq']['psnr']:.3f}/{by_key['yiq']['ssim']:.5f}"
    result = call("explain-metric", *folders, "--reported", reported)
    assert "* yiq" in result.stdout
    assert f"{reported} is explained by yiq: YIQ luma" in " ".join(result.stdout.split())
    found = json.loads(call("explain-metric", *folders, "--reported", reported, "--json").stdout)["reported"]
    assert found["matches"] == ["yiq"]


def test_explain_metric_says_when_nothing_explains_a_number(folders: tuple[Path, Path]) -> None:
    result = call("explain-metric", *folders, "--reported", "12.34")
    assert result.exit_code == 0
    assert "no known convention gives 12.34" in result.stdout


@pytest.mark.parametrize(
    ("verb", "damage", "message"),
    [
        ("eval-images", lambda sr, hr: (hr / "a.png").unlink(), "ax4_SR.png in .* has no partner"),
        ("explain-metric", lambda sr, hr: (sr / "ax4_SR.png").unlink(), "a.png in .* has no partner"),
        ("eval-images", lambda sr, hr: (hr / "a.png").write_bytes(b"no"), "'.*a.png' is not a PNG"),
        (
            "eval-images",
            lambda sr, hr: [
                write_image(d / n, np.zeros((16, 16, 3), np.uint8)) for d, n in ((sr, "ax4_SR.png"), (hr, "a.png"))
            ],
            "ax4_SR.png': image of 16x16 pixels is too small",
        ),
    ],
)
def test_damage_is_one_sentence_and_exit_code_1(folders: tuple[Path, Path], verb: str, damage, message: str) -> None:
    damage(*folders)
    done = subprocess.run(
        [sys.executable, "-m", "srbench.cli", verb, *map(str, folders)], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 1
    assert done.stdout == ""
    assert len(done.stderr.strip().splitlines()) == 1
    assert done.stderr.startswith("error: ")
    assert re.search(message, done.stderr)


@pytest.mark.parametrize("verb", ["eval-images", "explain-metric"])
def test_neither_verb_imports_torch(folders: tuple[Path, Path], verb: str) -> None:
    code = (
        "import sys; from srbench.cli.main import app\n"
        f"app({[verb, *map(str, folders), '--json']!r}, standalone_mode=False)\n"
        "assert 'torch' not in sys.modules and 'pandas' not in sys.modules"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr


def test_explain_metric_of_a_model_tries_every_way_to_make_the_images(folders: tuple[Path, Path]) -> None:
    asked = ("explain-metric", "--model", "bicubic", "--dataset", folders[1])
    rows = {row["convention"]: row for row in json.loads(call(*asked, "--json").stdout)["conventions"]}
    kinds = [f"{folders[1]}{crop} {lr}" for crop in ("", "@mod12") for lr in ("imresize", "double")]
    figures = [rows[f"y-matlab@1 {kind}"]["psnr"] for kind in kinds]
    assert len(set(figures)) == 4
    reported = f"{figures[3]:.4f}/{rows[f'y-matlab@1 {kinds[3]}']['ssim']:.4f}"
    found = json.loads(call(*asked, "--reported", reported, "--json").stdout)["reported"]
    assert found["matches"] == [f"y-matlab@1 {kinds[3]}"]
    assert "LR rounded once" in found["sentence"]


def test_explain_metric_wants_folders_or_a_model(folders: tuple[Path, Path]) -> None:
    for arguments in ((), (folders[0],), (*folders, "--model", "bicubic")):
        result = call("explain-metric", *arguments)
        assert result.exit_code == 1
        assert "takes SR_DIR and HR_DIR, or --model NAME" in str(result.exception)


def test_explain_metric_reads_bicubic_as_others_do(folders: tuple[Path, Path]) -> None:
    """The luma plane alone, as MATLAB programs do; and PyTorch's, tried only where nothing else gives the number."""
    asked = ("explain-metric", "--model", "bicubic", "--dataset", folders[1])
    rows = {row["convention"]: row for row in json.loads(call(*asked, "--json").stdout)["conventions"]}
    plane = rows[f"y-matlab-plane@1 {folders[1]}"]
    found = json.loads(call(*asked, "--reported", f"{plane['psnr']:.5f}/{plane['ssim']:.5f}", "--json").stdout)
    assert found["reported"]["matches"] == [plane["convention"]]
    assert not [row for row in found["conventions"] if row["convention"].endswith(" pytorch")]

    torch_like = bicubic_torch_of(folders[1])
    other = call(*asked, "--reported", f"{torch_like:.5f}")
    assert "trying PyTorch's bicubic" in other.stderr
    assert f"y-matlab@1 {folders[1]} imresize pytorch" in other.stdout.replace("\n", "")


def bicubic_torch_of(folder: Path) -> float:
    from srbench import evaluate

    return float(evaluate("bicubic-torch", folder, 4)["psnr"].mean())


def test_explain_metric_tries_the_self_ensemble(folders: tuple[Path, Path], tmp_path: Path) -> None:
    from srbench.evaluation.explain_images import other_ways
    from srbench.models import open_model

    (way,) = other_ways(open_model("imdn", 4, weights="none"))
    assert (way.key, way.model.self_ensemble) == ("self-ensemble", True)
    assert other_ways(way.model) == ()
    assert other_ways(open_model("bicubic-torch", 4)) == ()


def test_explain_metric_takes_sr_of_hr_that_was_cropped_to_multiples_of_12(folders: tuple[Path, Path]) -> None:
    sr, hr = folders
    for name in ("a", "b10", "b9"):
        write_image(sr / f"{name}x4_SR.png", read_image(sr / f"{name}x4_SR.png")[:36, :36])
    assert call("explain-metric", sr, hr).exit_code == 0
    assert "modcropped by 4" in str(call("eval-images", sr, hr).exception)


def test_explain_metric_looks_a_number_up_where_the_dataset_is_said(folders: tuple[Path, Path]) -> None:
    asked = ("explain-metric", *folders, "--reported", "28.42")
    assert "Set5" not in call(*asked).stdout
    assert "28.42 on Set5 x4" in call(*asked, "--dataset", "set5").stdout
    assert json.loads(call(*asked, "--dataset", "set5", "--json").stdout)["printed"]["cells"]
