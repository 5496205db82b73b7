"""``srbench run --self-ensemble``: an axis of results like any other, shown as +, with the cost of eight passes."""

from __future__ import annotations

from pathlib import Path

import pytest
from run_checks import Run, one_sentence, records

import srbench
from srbench.leaderboard import measured
from srbench.models.ensemble import VIEWS
from srbench.report import tables
from srbench.report.pairs import neighbours
from srbench.report.runtable import groups
from srbench.results import store
from srbench.results.record import ENSEMBLE_VIEWS


@pytest.fixture
def both(run: Run, out: Path, images: Path) -> Path:
    """A folder with a bundled network alone and with the self-ensemble, and bicubic."""
    for more in ([], ["--self-ensemble"]):
        answer = run(
            "--models", "imdn,bicubic", "--weights", "imdn=bundled,bicubic=auto", "--datasets", str(images),
            "--no-runtime", *more,
        )  # fmt: skip
        assert answer.code == 0, answer.err
    assert "self-ensemble" in answer.err
    assert " beside one pass." in answer.err
    return out


def test_it_is_another_result_beside_the_network_alone_and_costs_eight_passes(both: Path) -> None:
    found = {record.self_ensemble: record for record in records(both) if record.model.name == "imdn"}
    assert set(found) == {False, True}
    assert found[True].values["psnr"] != found[False].values["psnr"]
    assert any(file.stem.endswith("_ensemble") for file in both.glob("imdn*.json"))
    assert [r.self_ensemble for r in records(both) if r.model.name == "bicubic"] == [False], "it has no network"
    results, _ = store.read_all(both)
    (group,) = groups(results)
    rows = {row.title: row for row in group.rows if row.model == "imdn"}
    assert set(rows) == {"IMDN", "IMDN+"}
    assert rows["IMDN+"].macs.value == ENSEMBLE_VIEWS * rows["IMDN"].macs.value
    assert rows["IMDN+"].parameters == rows["IMDN"].parameters
    assert rows["IMDN+"].network_title == "IMDN"


def test_tables_and_pairs_show_the_plus_and_printed_cells_are_not_answered_by_it(both: Path) -> None:
    results, _ = store.read_all(both)
    text = tables.render(results, "markdown")
    assert "| IMDN+ |" in text
    assert "+: mean over the 8 flips and turns of the image (self-ensemble); MACs of all passes." in text
    handed_in = srbench.table(both, scales=(4,)).text("markdown")
    assert "| IMDN+" in handed_in
    assert "self-ensemble); MACs of all passes." in handed_in
    assert any("IMDN+ (bundled)" in (pair.better, pair.worse) for pair in neighbours(results.quality))
    assert set(measured.load(both).model) >= {"imdn", "imdn+"}
    assert VIEWS == ENSEMBLE_VIEWS


def test_precision_is_an_axis_too(run: Run, out: Path, images: Path) -> None:
    for precision in ("fp32", "bf16"):
        answer = run(
            "--models", "imdn", "--weights", "bundled", "--datasets", str(images), "--no-runtime", "--limit", "1",
            "--precision", precision,
        )  # fmt: skip
        assert answer.code == 0, answer.err
    found = {record.precision: record for record in records(out)}
    assert set(found) == {"fp32", "bf16"}
    difference = found["bf16"].values["psnr"] - found["fp32"].values["psnr"]
    assert 0 < abs(difference) < 1, "it is another arithmetic, and still the same network"
    assert "| IMDN (bf16) |" in tables.render(store.read_all(out)[0], "markdown")
    assert "imdn (bf16)" in set(measured.load(out).model)


def test_a_precision_that_is_not_there_is_one_sentence(run: Run, images: Path) -> None:
    one_sentence(run("--models", "imdn", "--datasets", str(images), "--precision", "fp8"), "unknown precision 'fp8'")
    one_sentence(run("--models", "imdn", "--datasets", str(images), "--precision", "fp16"), "fp16 is run on CUDA only")
