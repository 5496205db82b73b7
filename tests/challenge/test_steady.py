"""Times that no clock can vouch for are never made up, and unsteady ones are told wherever they are ranked."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from srbench.challenge import standing
from srbench.challenge.entries import (
    DatasetResult,
    EntryResult,
    Flag,
    IsolationNote,
    ResultsFile,
    RunTimes,
    write_results,
)
from srbench.challenge.passing import Calibration, Entry, StepCost, share_calibration
from srbench.challenge.tables import read_table
from srbench.challenge.timing import pass_time, steadiness, unsteady_of
from srbench.cli.challenge import command
from srbench.report import challenge_page, challenge_table
from srbench.rules import get_rules

RULES = get_rules("ntire2024-esr")


@pytest.mark.parametrize(
    ("whole", "transfers", "claimed", "time", "sound"),
    [
        (100.0, 1.0, 99.0, 99.0, True),
        (100.0, 1.0, 95.0, 99.0, True),  # a shorter claim takes nothing off
        (100.0, 3.0, 99.0, 99.0, True),  # no more is taken off than both clocks leave room for
        (38.0, 52.0, 37.35, 38.0, False),  # transfers calibrated on a busy machine
        (70.8, 53.0, 70.5, 70.8, False),
        (24.3, 0.4, 2.81, 24.3, False),  # the answer came late
        (100.0, 1.0, 160.0, 100.0, False),  # its process says more than went by
        (100.0, 1.0, -1.0, 100.0, False),  # or nothing
        (4.0, 3.9, 0.0, 4.0, False),  # transfers are nearly all of it
    ],  # ms
)
def test_a_time_is_never_less_than_what_both_clocks_allow(
    whole: float, transfers: float, claimed: float, time: float, sound: bool
) -> None:
    assert pass_time(whole, transfers, claimed) == (time, sound)


def test_no_claim_makes_a_time_shorter() -> None:
    honest, _ = pass_time(100.0, 2.0, 98.0)
    for claimed in range(-5, 300):
        assert pass_time(100.0, 2.0, float(claimed))[0] >= honest


def test_what_a_busy_machine_adds_to_one_calibration_is_in_no_time() -> None:
    def cost(low: float, high: float) -> StepCost:
        return StepCost((768, low), (10_000, high))

    quiet, busy = cost(0.25, 0.5), cost(9.0, 53.0)
    entries = [_entry(Calibration(idle=busy)), _entry(Calibration(idle=quiet))]
    known = share_calibration(entries, None)
    assert [entry.calibration.idle for entry in entries] == [quiet, quiet]
    later = [_entry(Calibration(idle=busy))]
    share_calibration(later, known)
    assert later[0].calibration.idle.expected(0) == 0.25
    other = StepCost((768, 0.1), (20_000, 0.1))
    assert quiet.least(other) == quiet  # of other sizes nothing is known


def _entry(calibration: Calibration) -> Entry:
    return Entry(None, None, calibration=calibration)  # type: ignore[arg-type]


def _timed(*runs: RunTimes) -> DatasetResult:
    return DatasetResult(dataset="valid", values={"psnr@ntire-esr": 28.0, "psnr": 28.0}, runs=runs)


def _run(forward: tuple[float, ...], claimed: tuple[float, ...] = (), unsound: tuple[str, ...] = ()) -> RunTimes:
    names = tuple(map(str, range(len(forward))))
    return RunTimes(images=names, forward_ms=forward, claimed_ms=claimed or forward, unsound=unsound)


def test_what_makes_runtimes_unsteady() -> None:
    found = {
        "same": _timed(_run((9.0, 11.0)), _run((10.0, 10.5))),
        "apart": _timed(_run((10.0, 10.0)), _run((34.0, 34.0))),
        "marked": _timed(_run((10.0, 10.0), unsound=("1",))),
        "impossible": _timed(_run((10.0, 0.001), (9.9, 37.35))),
    }
    told = {}
    for key, one in found.items():
        steady = steadiness([one])
        assert steady is not None
        told[key] = steady.short
    assert told == {"same": "", "apart": "runs 3.4x", "marked": "clocks 1/2", "impossible": "clocks 1/2"}
    assert steadiness([]) is None


def test_a_suspected_timer_is_no_busy_machine() -> None:
    entry = EntryResult(id="01", title="net", status="measured", datasets=(_timed(_run((10.0,), (0.0,))),))
    assert unsteady_of(entry) is not None
    suspect = Flag(kind="timer", text="suspect: timer")
    assert unsteady_of(entry.model_copy(update={"flags": (suspect,)})) is None


def test_unsteady_runtimes_are_told_in_every_table(tmp_path: Path) -> None:
    quiet, busy = _timed(_run((10.0, 10.0)), _run((10.1, 10.1))), _timed(_run((10.0, 10.0)), _run((34.0, 34.0)))
    results = ResultsFile(
        rules=RULES.id, baseline="00", isolation=IsolationNote(kind="process"),
        entries=tuple(
            EntryResult(id=key, title=f"net{key}", status="measured", datasets=(found,), values={"params": 1e5})
            for key, found in (("00", quiet), ("01", busy), ("02", quiet))
        ),
    )  # fmt: skip
    file = write_results(results, tmp_path / "results.json")
    done = CliRunner().invoke(
        command, ["rank", str(file), "--rules", RULES.id, "--floor", "psnr-valid=none", "--output", str(tmp_path)]
    )
    assert done.exit_code == 0, done.output
    said = "runtimes are unsteady, so scores and ranks made of them are too (01: its runs took 10.0 to 34.0 ms"
    assert f"note: {said}" in done.output
    assert "2 runs, the rules say 5" in done.output
    assert "cold: with the first image of each run" in done.output
    (row,) = (line for line in (tmp_path / "ranking.csv").read_text().splitlines() if line.startswith("01"))
    assert "runs 3.4x" in row
    assert said in (tmp_path / "ranking.html").read_text()
    assert said in (tmp_path / "ranking.tex").read_text()
    assert json.loads((tmp_path / "ranking.json").read_text())["unsteady"]["01"]["slowest_ms"] == 34.0
    assert read_table(tmp_path / "ranking.csv", RULES).ignored == ()
    outcome = standing.outcome_of_results(
        results.model_copy(update={"entries": (results.entries[0], results.entries[2])}), RULES
    )
    assert outcome.unsteady == ()
    assert "unsteady" not in " ".join(outcome.notes)
    assert "Unsteady runtime" not in challenge_table.as_csv(outcome) + challenge_page.html(outcome)
