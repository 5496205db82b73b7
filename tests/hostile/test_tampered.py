"""Stored results that lie are refused with the reason: by run, report, page, leaderboard, list and verify alike."""

from __future__ import annotations

import json
import shutil
from contextlib import nullcontext
from pathlib import Path

import pytest
from click.testing import CliRunner
from tampered import CASES, COSTS, QUALITY, Tampered

from srbench.cli.main import app
from srbench.errors import SrbenchError
from srbench.evaluation.plan import Request, plan
from srbench.leaderboard import bibliography, measured, published
from srbench.models.registry import get_card
from srbench.report import run_page
from srbench.report.frames import load_results
from srbench.report.handin.gather import gather
from srbench.results import trust
from srbench.results.record import QualityRecord
from srbench.results.words import doubt_lines, doubt_sentences

OURS = Path(__file__).resolve().parents[2] / "leaderboards" / "measured"


def _folder(place: Path, case: Tampered) -> Path:
    """A root whose measured results hold a lie."""
    folder = place / "leaderboards" / "measured"
    (folder / "costs").mkdir(parents=True)
    (place / "leaderboards" / "published").mkdir()
    for name in (QUALITY, COSTS):
        if name != case.file or case.beside:
            shutil.copy(OURS / name, folder / name)
    data = json.loads((OURS / case.file).read_text(encoding="utf-8"))
    case.change(data)
    changed = Path(case.file).with_name(f"again-{Path(case.file).name}" if case.beside else Path(case.file).name)
    (folder / changed).write_text(json.dumps(data), encoding="utf-8")
    return folder


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_lie_is_in_no_table(case: Tampered, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = _folder(tmp_path, case)
    read = trust.read(folder)
    assert not read.skipped
    lies = [one for one in read.apart if case.kind in {doubt.kind for doubt in one.doubts}]
    assert any(case.words in doubt_sentences(one) for one in lies), read.apart
    true = {path.name for path, _ in read.files}
    assert {one.path.name for one in lies}.isdisjoint(true)
    # run: what is stored answers no cell
    planned = plan(Request(cards=(get_card("bicubic"),), datasets=("embedded",)), folder)
    assert [one.path for one in planned.apart] == [one.path for one in read.apart]
    # table, plot, choose, significance
    if true:
        shown, left_out = gather([folder])
        assert len(shown.quality) + len(shown.costs) == len(true)
        assert {one.path.name for one in lies} <= {
            path.name for path, reason in left_out if "cannot be believed" in reason
        }
    else:
        with pytest.raises(SrbenchError, match="cannot be believed"):
            gather([folder])
    with pytest.raises(SrbenchError, match="cannot be believed") if case.kind != "duplicate" else nullcontext():
        gather([lies[0].path])
    # report, page, frames, list, leaderboard, verify
    assert {file for file, _ in measured.records(folder)} == {
        f"costs/{n}" if n.startswith("imdn_") else n for n in true
    }
    page = run_page.html(read.results, {}, apart=doubt_lines(read.apart))
    assert "Not believed" in page
    assert lies[0].path.name in page
    assert [Path(file).name for file, _ in load_results(folder).attrs["apart"]] == [o.path.name for o in read.apart]
    monkeypatch.setattr(published, "check", lambda: [])
    monkeypatch.setattr(bibliography, "check", lambda: [])
    monkeypatch.setattr(published, "papers", lambda: [])
    monkeypatch.setattr(published, "cells", lambda: [])
    checked = CliRunner().invoke(app, ["leaderboard", "check", "--root", str(tmp_path)])
    assert checked.exit_code
    assert lies[0].path.name in checked.output
    verified = CliRunner().invoke(app, ["results", "verify", str(folder)])
    assert verified.exit_code
    assert case.words in verified.output.replace("\n", " ")


def test_cells_of_the_first_schema_cannot_hide_their_quality(tmp_path: Path) -> None:
    record = json.loads((OURS / QUALITY).read_text(encoding="utf-8"))
    old = {key: record[key] for key in ("model", "weights", "scale", "dataset", "protocol", "machine", "versions",
                                        "command", "created")}  # fmt: skip
    images = [
        {"image": row["image"], "identical": row["identical"], "lr_size": row["lr_size"], **row["values"]}
        for row in record["images"]
    ]
    old |= {"schema": "srbench.cell/1", "images": images, "quality": None}
    (tmp_path / "a.json").write_text(json.dumps(old), encoding="utf-8")
    read = trust.read(tmp_path)
    assert not read.files
    assert "schema" in read.skipped[0][1]


def test_what_is_measured_and_shipped_holds() -> None:
    read = trust.read(OURS)
    assert not read.apart
    assert not read.skipped
    sets = {r.dataset.name.partition("@")[0] for _, r in read.files if isinstance(r, QualityRecord)}
    assert sets == {"set5", "set14", "bsd100", "embedded"}


def test_a_lie_is_computed_again_and_then_believed(tmp_path: Path) -> None:
    arguments = ["run", "--models", "bicubic", "--datasets", "embedded", "--limit", "1", "--results", str(tmp_path)]
    first = CliRunner().invoke(app, [*arguments, "--json"])
    path = next(tmp_path.glob("*.json"))
    true = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**true, "values": {**true["values"], "psnr": 77.77}}), encoding="utf-8")
    second = CliRunner().invoke(app, arguments)
    assert first.exit_code == second.exit_code == 0
    assert "not believed" in second.output
    assert "1 cell computed" in second.output
    assert "77.77 |" not in second.output
    again = json.loads(path.read_text(encoding="utf-8"))
    assert again["values"] == true["values"]
    assert again["images"] == true["images"]
    assert "Not believed" not in (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "1 cell already in" in CliRunner().invoke(app, arguments).output


def test_recomputing_finds_what_agrees_with_itself(tmp_path: Path) -> None:
    """Images and mean changed alike: only measuring again tells, and verify does."""
    arguments = ["run", "--models", "bicubic", "--datasets", "embedded", "--limit", "1", "--results", str(tmp_path)]
    assert CliRunner().invoke(app, [*arguments, "--no-html"]).exit_code == 0
    verify = ["results", "verify", str(tmp_path), "--recompute", "1", "--seed", "1"]
    sound = CliRunner().invoke(app, verify)
    assert sound.exit_code == 0
    assert "to the last bit" in sound.output
    path = next(tmp_path.glob("*.json"))
    data = json.loads(path.read_text(encoding="utf-8"))
    data["images"][0]["values"]["psnr"] += 0.5
    data["values"]["psnr"] = data["images"][0]["values"]["psnr"]
    path.write_text(json.dumps(data), encoding="utf-8")
    assert not trust.read(tmp_path).apart
    found = CliRunner().invoke(app, verify)
    assert "DIFFERS" in found.output
    assert found.exit_code
