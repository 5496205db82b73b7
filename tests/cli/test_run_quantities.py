"""What is measured and how it was run are fields: other quantities, other devices, other ways never answer."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from run_checks import Run, one_sentence, records

from srbench.evaluation.answers import stored_quality
from srbench.evaluation.cells import Cell
from srbench.evaluation.plan import Request, plan
from srbench.models import get_card
from srbench.quantities import QUANTITIES, Quantity
from srbench.results import store
from srbench.results.record import QualityRecord

WAYS = [
    {"device": "cuda"},
    {"precision": "fp16"},
    {"backend": "compile"},
    {"self_ensemble": True},
]


@pytest.fixture
def stored(run: Run, images: Path, out: Path) -> tuple[Cell, QualityRecord]:
    """A cell, and the record that answers it."""
    assert run("--models", "bicubic", "--datasets", images, "--no-html").code == 0
    (cell,) = plan(Request((get_card("bicubic"),), datasets=(str(images),)), out).cells
    assert cell.existing is not None
    return cell, cell.existing


@pytest.mark.parametrize("way", WAYS)
def test_a_result_of_another_way_of_running_never_answers(
    stored: tuple[Cell, QualityRecord], way: dict[str, Any]
) -> None:
    cell, record = stored
    other = record.model_copy(update=way)
    assert stored_quality(cell, [record]) is record
    assert stored_quality(cell, [other]) is None
    asked = replace(cell, way=replace(cell.way, **way))
    assert (stored_quality(asked, [record]), stored_quality(asked, [other])) == (None, other)
    assert store.name_of(record) != store.name_of(other), "nor do they share a file"


def test_one_more_quantity_is_measured_beside_what_is_there(run: Run, tmp_path: Path, out: Path) -> None:
    import numpy as np

    from srbench.imaging import write_image

    y, x = np.mgrid[0:200, 0:200]
    waves = [128 + 90 * np.sin(x / 5 + y / 7 + phase) for phase in range(3)]
    (tmp_path / "large").mkdir()
    write_image(tmp_path / "large" / "a.png", np.stack(waves, axis=-1).astype(np.uint8))
    arguments = ("--models", "bicubic", "--datasets", tmp_path / "large", "--no-html")
    run(*arguments)
    (before,) = records(out)
    assert list(before.values) == ["psnr", "ssim"]
    answer = run(*arguments, "--quantities", "ms-ssim")
    assert "MS-SSIM" in answer.out
    assert "1 cell computed" in answer.err
    (after,) = records(out)
    assert list(after.values) == ["psnr", "ssim", "ms-ssim"]
    assert {name: after.values[name] for name in before.values} == before.values, "the numbers are the same bits"
    assert "nothing to compute" in run(*arguments, "--quantities", "ssim,ms-ssim").err


def test_a_quantity_that_images_are_too_small_for_is_missing_with_the_reason(run: Run, images: Path, out: Path) -> None:
    answer = run("--models", "bicubic", "--datasets", images, "--no-html", "--quantities", "psnr,ssim,ms-ssim")
    assert answer.code == 0, answer.err
    (record,) = records(out)
    assert "ms-ssim" not in record.values
    assert "at least 176x176" in record.missing["ms-ssim"]
    assert "Bicubic, no MS-SSIM on" in answer.out
    alone = run("--models", "bicubic", "--datasets", images, "--no-html", "--quantities", "ms-ssim", "--limit", "1")
    one_sentence(alone, "at least 176x176")


QUANTITIES_OF_A_PLUGIN = """
from srbench.quantities import QUANTITIES, Quantity

class Spread:
    def __init__(self):
        self.values = []

    def add(self, sr, hr):
        self.values.append(float(sr.mean()))

    def value(self):
        return max(self.values) - min(self.values)

def layers(subject):
    return len(list(subject.network.modules()))

QUANTITIES.add(
    Quantity("brightness", "Brightness", "sr", lambda sr, scale, protocol: sr.mean(), digits=1),
    Quantity("spread", "Spread", "set", Spread, digits=3, direction="lower"),
    Quantity("layers", "Layers", "network", layers, style="whole"),
)
"""
"""A quantity without reference, one of a whole set, and one of networks."""


@pytest.fixture
def own_quantities(tmp_path: Path) -> Iterator[Path]:
    """The plugin file that adds them; they are gone from this process afterwards."""
    file = tmp_path / "own_quantities.py"
    file.write_text(QUANTITIES_OF_A_PLUGIN)
    with QUANTITIES.scoped():
        yield file


def test_a_quantity_that_only_this_process_knows_is_one_sentence(
    run: Run, images: Path, net: Path, net_weights: Path
) -> None:
    with QUANTITIES.scoped() as registry:
        registry.add(Quantity("here-only", "Here only", "network", lambda subject: 1, style="whole"))
        arguments = ("--model-file", f"{net}:Net", "--weights", net_weights, "--datasets", images, "--no-runtime")
        answer = run(*arguments, "--no-html", "--quantities", "psnr,here-only")
    one_sentence(answer, "here-only", "--plugin")


def test_quantities_of_a_plugin_stand_in_every_form(
    own_quantities: Path, run: Run, images: Path, net: Path, net_weights: Path, out: Path
) -> None:
    arguments = (
        "--plugin",
        own_quantities,
        "--model-file",
        f"{net}:Net",
        "--weights",
        net_weights,
        "--datasets",
        images,
        "--no-runtime",
    )
    arguments = (*arguments, "--quantities", "psnr,brightness,spread,layers")
    answer = run(*arguments)
    assert answer.code == 0, answer.err
    assert "PSNR/Brightness/Spread" in answer.out
    (record,) = records(out)
    assert set(record.values) == {"psnr", "brightness", "spread"}
    assert set(record.images[0].values) == {"psnr", "brightness"}
    page = (out / "report.html").read_text()
    for part in (">Brightness<", ">Spread<", ">Layers<"):
        assert part in page
    (line,) = csv.DictReader(io.StringIO(run(*arguments, "--format", "csv").out))
    assert float(line["brightness"]) == record.values["brightness"]
    assert "PSNR/Brightness/Spread" in run(*arguments, "--format", "latex").out
    (row,) = json.loads(run(*arguments, "--format", "json").out)["rows"]
    assert row["spread"] == record.values["spread"]


def test_an_unknown_quantity_is_one_sentence(run: Run, images: Path) -> None:
    one_sentence(run("--models", "bicubic", "--datasets", images, "--quantities", "psnx"), "psnx", "did you mean psnr")


def test_a_dry_run_says_what_cannot_be_opened(run: Run) -> None:
    one_sentence(run("--models", "bicubic", "--datasets", "set6", "--dry-run"), "set6", "did you mean")


def test_a_dry_run_calls_weights_that_cannot_be_had_what_list_models_calls_them(
    run: Run, images: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SRBENCH_OFFLINE", "1")
    monkeypatch.delenv("SRBENCH_MIRROR", raising=False)
    answer = run("--models", "carn-m", "--datasets", images, "--dry-run")
    assert answer.code == 0
    assert "costs only, no weights" in answer.err
    assert "SRBENCH_OFFLINE=1 forbids downloading" in answer.err


def test_a_column_of_macs_holds_one_size_and_says_where_it_was_padded(run: Run, images: Path, net: Path) -> None:
    padded = run(
        "--models", "imdn", "--model-file", f"{net}:Net", "--multiple", "8", "--weights", "none", "--no-runtime",
        "--no-html", "--datasets", images,
    )  # fmt: skip
    assert padded.code == 0, padded.err
    assert "(LR 320x184)" in padded.out
    assert padded.out.count("(LR ") == 1
    assert "HR 1280x720, convention macs" in padded.out
