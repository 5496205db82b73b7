"""Runtimes of one session in a report: one clock, or the command that makes it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from srbench.errors import SrbenchError
from srbench.report import session, site, specs
from srbench.report.grid import Block, Grid, cell_text, plain

TITLES = {"imdn": "IMDN", "span": "SPAN", "lkdn": "LKDN"}
PSNR = {"Set5": {"imdn": 32.21, "span": 31.74, "lkdn": 32.39}}


def timing(model: str, median: float, ratio: float | None, size: tuple[int, int] = (180, 320)) -> dict[str, Any]:
    """One model as ``srbench time`` writes it."""
    interval = None if ratio is None else {"ratio": ratio, "low": ratio - 0.01, "high": ratio + 0.01, "rounds": 10}
    runtime = {"median_ms": median, "iqr_ms": 1.5, "warnings": ["another program ran"] if model == "lkdn" else []}
    return {"model": model, "scale": 4, "input_size": list(size), "runtime": runtime, "ratio": interval}


def write(root: Path, *timings: dict[str, Any]) -> None:
    folder = root / "sessions" / "all"
    folder.mkdir(parents=True)
    content = {"machine": "a-machine", "baseline": "imdn", "timings": timings}
    (folder / "timings.json").write_text(json.dumps(content), encoding="utf-8")


def test_models_are_listed_from_the_fastest_with_ratio_and_front(tmp_path: Path) -> None:
    write(tmp_path, timing("imdn", 300.0, None), timing("span", 90.0, 0.3), timing("lkdn", 310.0, 1.03))
    text = session.to_markdown("all", TITLES, 4, PSNR, tmp_path)
    rows = [line for line in text.splitlines() if line.startswith("| ")][1:]
    assert rows == [
        "| SPAN | 90.0 | 1.5 | 0.30 [0.29, 0.31] |  |",
        "| IMDN | 300.0 | 1.5 | 1 |  |",
        "| LKDN | 310.0 | 1.5 | 1.03 [1.02, 1.04] | another program ran |",
    ]
    assert "- Set5: SPAN (31.74 dB, 90.0 ms), IMDN (32.21 dB, 300.0 ms), LKDN (32.39 dB, 310.0 ms)" in text
    assert "`srbench choose --scale 4 --size 180x320 --measure`" in text
    assert "LR 320×180, ×4" in text
    assert "a-machine" in text


def test_the_table_of_a_report_shows_them_behind_the_costs(tmp_path: Path) -> None:
    write(tmp_path, timing("imdn", 300.0, None))
    found = session.read("all", tmp_path)
    assert found is not None
    cells = [tuple(map(plain, (title, "released", "1K", "1G", "32.00"))) for title in ("IMDN", "SPAN")]
    grid = Grid("", ("Method", "Weights", "Params", "MACs", "Set5"), "llrrr", (Block("", tuple(cells)),))
    wider = session.with_runtimes(grid, found, TITLES)
    assert wider.header == ("Method", "Weights", "Params", "MACs", "Runtime (ms)", "Set5")
    assert [[cell_text(cell) for cell in row][4:] for row in wider.blocks[0].rows] == [
        ["300.0", "32.00"],
        ["–", "32.00"],
    ]
    assert wider.notes == ("Runtime: LR 320×180, a-machine; see One clock for all.",)
    assert len(wider.align) == 6


def test_the_table_of_a_report_says_how_many_of_them_are_unsteady(tmp_path: Path) -> None:
    write(tmp_path, timing("imdn", 300.0, None), timing("lkdn", 310.0, 1.03))
    found = session.read("all", tmp_path)
    assert found is not None
    notes = session.with_runtimes(Grid("", ("Method",) * 5, "lllll", ()), found, TITLES).notes
    assert notes == ("Runtime: LR 320×180, a-machine; unsteady for 1 of 2 models, see One clock for all.",)


def test_without_a_session_no_runtime_is_shown_and_the_command_is(tmp_path: Path) -> None:
    text = session.to_markdown("all", TITLES, 4, PSNR, tmp_path)
    assert "have not been measured" in text
    assert "srbench time --models imdn,span,lkdn --baseline imdn --scale 4 --size 720p" in text
    assert "--output leaderboards/sessions/all" in text


def test_several_sizes_are_no_session(tmp_path: Path) -> None:
    write(tmp_path, timing("imdn", 300.0, None), timing("span", 90.0, 0.3, (64, 64)))
    with pytest.raises(SrbenchError, match="no session of one size"):
        session.read("all", tmp_path)


def test_the_page_shows_quality_against_the_sessions_runtimes() -> None:
    spec = specs.load_spec("efficient-x4")
    made = site.Site()
    site.add_report(made, spec, site.load_data())
    page = str(made.pages["efficient-x4.html"])
    section = page.partition('<section id="clock"')[2].partition("</section>")[0]
    found = session.read("efficient-x4")
    assert found is not None
    assert section.count('<tr data-key="clock-') == len(found.timed) > 40
    assert section.count("<svg") == len(spec.datasets)
    assert found.machine in section
    assert f"{found.timed[0].median_ms:.1f} ms), " in section
    assert "missing: no file" not in section
    table = page.partition('data-tools="y-matlab-1-x4"')[2].partition("</table>")[0]
    assert ">Runtime [ms]<" in table
    for timed in found.timed:
        row = re.search(rf'<tr [^>]*data-net="{timed.model}-[0-9a-f]{{6}}".*?</tr>', table, re.S)
        assert row is not None
        assert f">{'~' if timed.warnings else ''}{timed.median_ms:.1f}</td>" in row[0]
        assert all(warning in row[0] for warning in timed.warnings)
    assert f'data-axis="Runtime, LR 320×180, {found.machine} (ms)"' in table
    assert f"Runtime (ms), LR 320×180, {found.machine}</text>" in section
    assert "spread: half of the samples lie more than 5% of the median apart" in section
    assert ">Quality on<" in table
    costs = page.partition('data-tools="cost"')[2].partition("</table>")[0]
    assert "Memory, MiB" in costs
    assert "Runtime, ms" not in costs, "of single runs, where a session is there"
    assert "GMAC/s" not in costs
    assert "Runtime against MACs" not in page
    heads = [int(place) for place in re.findall(r'<th [^>]*data-col="(\d+)"', costs.partition("</thead>")[0])]
    first = costs.partition("<tbody>")[2].partition("</tr>")[0]
    assert sorted(heads) == list(range(len(re.findall(r"<t[dh][ >]", first)))), "each heading has its cells"
    drawn = re.search(r'<div class="fig" data-table="y-matlab-1-x4" data-column="(\d+)">', page)
    assert drawn is not None
    assert f'data-col="{drawn[1]}" data-axis="PSNR, Set5"' in table
