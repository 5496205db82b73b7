"""Floors, scores, ranks and ties: the printed table of 2022, the formulas of the later years, readings and policies."""

from __future__ import annotations

import csv
import json
from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import CliRunner

from srbench.challenge import evaluating, printed, standing, tables
from srbench.challenge.entries import (
    DatasetResult,
    EntryResult,
    Flag,
    ImageResult,
    IsolationNote,
    ResultsFile,
    RunTimes,
    write_results,
)
from srbench.challenge.evaluating import choose_baseline
from srbench.challenge.gaps import gaps
from srbench.challenge.predict import predict
from srbench.challenge.session import Plan
from srbench.challenge.spec import EntrySpec
from srbench.cli.challenge import command
from srbench.cli.challenge._rank_view import undetermined
from srbench.errors import SrbenchError
from srbench.isolation.limits import Limits
from srbench.isolation.process import Setting
from srbench.isolation.sandbox import choose
from srbench.metrics import get_protocol
from srbench.report import challenge_page, challenge_table
from srbench.rules import Rules, get_rules
from srbench.rules.ranking import Row, below, published_baseline, rank, score

RULES_2022 = get_rules("ntire2022-esr")


def raw_csv(folder: Path) -> Path:
    """The raw columns of the printed table as a CSV, under the organisers' names, and nothing else."""
    names = {
        "psnr-valid": "psnr_val", "psnr-test": "psnr_test", "runtime": "ave_time_ms", "params": "params_m",
        "macs": "flops_g", "activations": "acts_m", "memory": "gpu_mem_m", "convs": "num_conv",
    }  # fmt: skip
    file = folder / "raw.csv"
    with file.open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["team", *names.values()])
        for one in printed.read_printed(RULES_2022):
            writer.writerow([one.row.title, *(one.row.values[key] for key in names)])
    return file


def test_42_all_ranks_of_2022_follow_from_the_raw_columns(tmp_path: Path) -> None:
    rows, baseline = tables.with_baseline(tables.read_rows(raw_csv(tmp_path), RULES_2022), None, RULES_2022)
    rows = tuple(Row(r.id, r.title, r.values, r.title in ("IMDN_baseline", "RFDN AIM2020 Winner")) for r in rows)
    found = rank(RULES_2022, rows, baseline)
    assert (len(found.eligible), len(found.unranked)) == (35, 10)
    assert all(reasons for _, reasons in found.unranked)
    below_floor = [row.title for row, reasons in found.unranked if reasons[0].kind == "floor"]
    assert below_floor == [
        "Virtual_Reality Team", "NTU607QCO-ESR", "Strong Tiger", "VAP", "Multicog", "Set5baby Team",
        "NWPU_SweetDreamLab", "SSL",
    ]  # fmt: skip
    as_printed = printed.read_printed(RULES_2022)
    main = {place.row.title: place.rank for place in found.standing("main").places}
    assert main == {one.row.title: one.ranks["main"] for one in as_printed if "main" in one.ranks}
    wrong = printed.mismatches(
        found, [printed.PrintedRow(row, one.ranks, one.scores) for row, one in zip(rows, as_printed, strict=True)]
    )
    assert {(m.row.title, m.track, m.what) for m in wrong if m.kind == "broken"} == {("Alpan Team", "sub1", "rank")}
    assert {(m.row.title, m.what) for m in wrong if m.kind == "open"} == {
        ("IMGWLH", "rank"), ("cceNBgdd", "score"), ("Dragon", "score"), ("Dragon", "rank"), ("HiImageTeam", "rank"),
    }  # fmt: skip


def test_42_the_readings_of_ties_differ_and_every_difference_has_its_cause() -> None:
    by_name = {reading.name: reading for reading in printed.readings(RULES_2022)}
    assert {name: (r.printed, len(r.mismatches)) for name, r in by_name.items()} == {
        "ties of digits in the order of the table": (175, 8),
        "ties of digits share a rank": (175, 15),
        "ties told apart by exact counts": (175, 20),
    }
    for reading in by_name.values():
        assert {m.row.title for m in reading.mismatches if m.kind == "broken"} == {"Alpan Team"}
        assert all(m.because for m in reading.mismatches)
        assert all(reading.ranking.standing("main").rank_of(f"{i:02d}") == i for i in range(1, 36))
    exact = by_name["ties told apart by exact counts"].ranking
    assert exact.standing("sub1").rank_of("22") is not None  # Aselsan Research has fewer parameters than ByteESR
    params = {row.title: row.values["params"] for row in exact.eligible}
    assert params["Aselsan Research"] < params["ByteESR"]


FLOOR = get_rules("ntire2026-esr").floors[0]


@pytest.mark.parametrize(
    ("value", "ranked"), [("26.8950001", True), ("26.895", True), ("26.8949999", False), ("26.8964", True)]
)
def test_44_floors_round_half_up_from_the_decimal_form(value: str, ranked: bool) -> None:
    assert (below(Row("1", "x", {"psnr-valid": Decimal(value)}), FLOOR) == ()) is ranked


def test_44_half_even_and_strict_floors_are_data() -> None:
    row = Row("1", "x", {"psnr-valid": Decimal("26.885")})
    loose = FLOOR.model_copy(update={"value": Decimal("26.89")})
    assert below(row, loose) == ()
    assert below(row, loose.model_copy(update={"rounding": "half-even"}))[0].found == Decimal("26.88")
    assert below(Row("1", "x", {"psnr-valid": Decimal("26.8964")}), FLOOR.model_copy(update={"decimals": None}))


@pytest.mark.parametrize("year", [2024, 2025, 2026])
def test_45_the_baseline_has_exactly_e_squared_in_every_track(year: int) -> None:
    rules = get_rules(f"ntire{year}-esr")
    base = published_baseline(rules)
    values = {score(rules, track, base, base) for track in rules.tracks}
    assert {f"{value:.50f}" for value in values} == {f"{max(values):.50f}"}
    assert float(max(values)) == pytest.approx(7.38905609893065, abs=1e-14)


@pytest.mark.parametrize("ratio", [13.8, 355, 400, 10**6])
def test_33_scores_that_overflow_are_ranked_and_published_finite(ratio: float) -> None:
    rules = get_rules("ntire2026-esr")
    base = published_baseline(rules)
    slow = {key: value * (Decimal(repr(ratio)) if key == "runtime" else 1) for key, value in base.values.items()}
    slower = {**slow, "runtime": slow["runtime"] + Decimal("1e-9")}
    rows = (Row("1", "slower", slower), Row("2", "slow", slow))
    found = rank(rules, rows, base)
    assert [place.row.title for place in found.standing("main").places] == ["slow", "slower"]
    data = json.dumps(challenge_table.as_data(standing.outcome_of_rows(rows, rules, base)), allow_nan=False)
    logs = [place["log_score"] for place in json.loads(data)["tracks"]["main"]]
    assert all(abs(log) < 1e10 for log in logs)


def test_tracks_of_2019_take_only_what_is_no_worse_than_the_baseline() -> None:
    rules = get_rules("aim2019-csr")
    base = published_baseline(rules)
    light = Row("1", "light", {**base.values, "params": Decimal("0.5")})
    slow = Row("2", "slow", {**light.values, "runtime": Decimal(200)})
    found = rank(rules, (light, slow), base)
    assert found.standing("params").rank_of("1") == 1
    assert found.standing("params").rank_of("2") is None
    assert found.standing("params").places[1].reasons[0].kind == "worse than baseline"


def times(*runs: tuple[float, ...]) -> DatasetResult:
    rows = tuple(RunTimes(images=tuple(map(str, range(len(one)))), forward_ms=one) for one in runs)
    return DatasetResult(dataset="valid", values={"psnr": 27.0}, runs=rows)


def results(**entries: DatasetResult) -> ResultsFile:
    return ResultsFile(
        rules="ntire2026-esr", baseline="00", isolation=IsolationNote(kind="process", gaps=("all",)),
        entries=tuple(
            EntryResult(id=f"{i:02d}", title=name, status="measured", datasets=(found,),
                        values={"params": 1e5, "macs:fvcore": 1e9}, labels={"psnr": "parent-verified"})
            for i, (name, found) in enumerate(entries.items())
        ),
    )  # fmt: skip


def test_where_the_winner_depends_on_the_timing_it_is_said(tmp_path: Path) -> None:
    warmed, cold = times((8.0, 8.6, 8.6), (8.0, 8.6, 8.6)), times((30.0, 8.5, 8.5), (30.0, 8.5, 8.5))
    found = standing.outcome_of_results(
        results(base=times((9.0, 9.0, 9.0)), warmed=warmed, cold=cold), get_rules("ntire2026-esr")
    )
    assert {(policy, track, winner) for policy, track, winner in found.winners} >= {
        ("warm, mean", "main", "cold"), ("cold, median", "runtime", "cold"),
    }  # fmt: skip
    text = challenge_page.html(found)
    assert "The winner depends on the policy" in text
    assert "process" in text
    path = write_results(results(base=times((9.0, 9.0)), warmed=warmed, cold=cold), tmp_path / "results.json")
    done = CliRunner().invoke(
        command, ["rank", str(path), "--rules", "ntire2026-esr", "--output", str(tmp_path / "out")]
    )
    assert done.exit_code == 0, done.output
    assert "ranks are by times cold, mean; of other ways" in done.output
    assert "  warm, mean: 2 ranks in main (warmed 1 -> 2), 2 ranks in runtime (warmed 1 -> 2)\n" in done.output
    assert len(json.loads((tmp_path / "out" / "ranking.json").read_text())["changes"]) == len(found.changes) > 3
    assert {p.name for p in (tmp_path / "out").iterdir()} == {
        "ranking.html", "ranking.md", "ranking.csv", "ranking.tex", "ranking.json", "results.organisers.json",
    }  # fmt: skip
    again = tables.read_rows(tmp_path / "out" / "results.organisers.json", get_rules("ntire2026-esr"))
    assert {row.title.partition("_")[2]: float(row.values["runtime-valid"]) for row in again}["cold"] == pytest.approx(
        47 / 3
    )


def test_a_years_page_has_printed_ranks_beside_ours_and_a_card_per_team() -> None:
    text, words = challenge_page.of_printed("ntire2022-esr")
    assert words == "35 ranked, 10 not"
    assert text.count('<article class="panel pad" id="entry-') == 45
    assert 'id="entry-alpan-team"' in text
    assert '<td data-v="10" class="differs">10</td>' in text
    assert "breaks the rule" in text
    assert "<svg" in text


def test_a_result_of_other_rules_or_without_its_baseline_is_refused() -> None:
    found = results(base=times((9.0,)), other=times((9.0,)))
    with pytest.raises(SrbenchError, match="measured by ntire2026-esr"):
        standing.outcome_of_results(found, RULES_2022)
    failed = found.entries[0].model_copy(update={"status": "stopped", "reasons": ("too slow",)})
    with pytest.raises(SrbenchError, match="baseline 'base' has no figures: too slow"):
        standing.outcome_of_results(
            found.model_copy(update={"entries": (failed, found.entries[1])}), get_rules("ntire2026-esr")
        )


def test_lone_submissions_are_ranked_against_the_published_baseline() -> None:
    rules = get_rules("ntire2026-esr")
    spec = EntrySpec(id="07", title="mine", folder=".")
    assert choose_baseline([spec], None, rules) == ""
    assert choose_baseline([spec], "07", rules) == "07"
    with pytest.raises(SrbenchError, match="no entry '09' to be the baseline; there are 07"):
        choose_baseline([spec], "09", rules)
    bare = rules.model_copy(update={"baseline": rules.baseline.model_copy(update={"values": {}})})
    with pytest.raises(SrbenchError, match=r"publishes no runtime, macs, params of SPAN.*--baseline ID"):
        choose_baseline([spec], None, bare)
    alone = results(mine=times((9.0, 9.0))).model_copy(update={"baseline": ""})
    found = standing.outcome_of_results(alone, rules)
    assert found.ranking.baseline.values["params"] == rules.baseline.values["params"]
    assert found.ranking.standing("runtime").rank_of("00") == 1
    assert any("the baseline was not measured; its published values are taken" in note for note in found.notes)
    assert "the floor on psnr-test is not applied: nobody has a value there" in found.notes


def test_a_second_evaluation_says_that_it_replaces_the_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rules = get_rules("ntire2026-esr")
    sandbox = choose("process")
    plan = Plan({}, get_protocol("rgb-ntire@1"), Setting(sandbox, Limits()))
    mine = tmp_path / "entries" / "notes.json"
    mine.parent.mkdir()
    mine.write_text("{}")
    said: list[str] = []
    for name in ("07", "09"):
        entry = EntryResult(id=name, title=name, status="invalid", reasons=("no",))
        monkeypatch.setattr(evaluating, "measure", lambda *_, entry=entry: iter((entry,)))
        evaluating.evaluate(evaluating.Session(rules, (), "", tmp_path), plan, sandbox, said.append)
    assert said == [f"'{tmp_path}' holds an earlier evaluation; it is replaced by this one"]
    assert {file.name for file in mine.parent.iterdir()} == {"09.json", "notes.json"}


def test_72_the_gap_between_the_sets_stands_out() -> None:
    found = gaps([one.row for one in printed.read_printed(RULES_2022)], RULES_2022)
    assert [(gap.row.title, round(gap.value, 2)) for gap in found if gap.suspicious] == [("VAP", 0.54)]


def test_names_that_act_do_nothing_in_any_format() -> None:
    hostile = "=cmd|'/c x'!A1<script>alert(1)</script>\u202e[red]\n%\\input{x}"
    rows = (Row("1", hostile, dict(published_baseline(RULES_2022).values)),)
    outcome = standing.outcome_of_rows(rows, RULES_2022, None)
    assert "<script>alert(1)" not in challenge_page.html(outcome)
    assert "\n'=cmd" in challenge_table.as_csv(outcome).replace("1,", "\n")
    assert "\\input{" not in challenge_table.as_latex(outcome)
    assert "\u202e" not in challenge_table.as_csv(outcome) + challenge_table.as_latex(outcome)


def test_predictions_name_the_neighbours_and_say_what_they_rest_on() -> None:
    found = predict(RULES_2022, {"runtime": Decimal("29"), "psnr-valid": Decimal("29"), "psnr-test": Decimal("28.7")})
    main = next(stand for stand in found.stands if stand.track == "main")
    assert (main.rank, main.among, main.before, main.behind) == (3, 36, "NJU_Jet", "NEESR")
    assert next(stand for stand in found.stands if stand.track == "sub1").reasons[0].kind == "not measured"
    low = predict(RULES_2022, {"runtime": Decimal("29"), "psnr-valid": Decimal("28.9")})
    assert all(stand.reasons[0].kind == "floor" for stand in low.stands)
    later = predict(get_rules("ntire2026-esr"), {"runtime": Decimal("6")})
    assert any("no table of entries" in note for note in later.notes)


def _ranked_again(table: tables.Table, rules: Rules) -> standing.Outcome:
    rows, base = tables.with_baseline(table.rows, None, rules)
    return standing.outcome_of_rows(rows, rules, base)


@pytest.mark.parametrize("rules_id", ["ntire2022-esr", "ntire2026-esr"])
def test_what_rank_wrote_is_ranked_the_same_again(rules_id: str, tmp_path: Path) -> None:
    rules = get_rules(rules_id)
    base = published_baseline(rules)
    low = {"psnr-valid": Decimal(20), "psnr-test": Decimal(20), "params": Decimal("0.1")}
    faster = {**base.values, "runtime": base.values["runtime"] - 1}
    rows = (Row("00", base.title, base.values, True), Row("07", "fast", faster), Row("09", "low", low))
    found = standing.outcome_of_rows(rows, rules, rows[0])
    file = tmp_path / "ranking.csv"
    file.write_text(challenge_table.as_csv(found))
    table = tables.read_table(file, rules)
    assert table.ignored == ()
    again = _ranked_again(table, rules)
    assert [(row.id, row.title) for row in again.ranking.eligible] == [("07", "fast")]
    assert [(row.id, row.reference) for row, _ in again.ranking.unranked] == [("00", True), ("09", False)]
    assert table.rows[-1].values["params"] == Decimal("0.100")
    assert set(table.rows[0].values) <= set(low) | set(rows[0].values)


def test_columns_that_are_not_understood_are_named(tmp_path: Path) -> None:
    file = tmp_path / "my.csv"
    file.write_text("team,psnr,runtime,params,macs,main rank\nours,27,7,0.14,9,1\n")
    done = CliRunner().invoke(command, ["rank", str(file), "--rules", "ntire2026-esr"])
    assert done.exit_code == 0, done.output
    assert "note: column psnr left out: no column of ntire2026-esr, which has psnr-valid, psnr-test," in done.output


def test_a_reason_that_holds_in_several_tracks_is_said_once() -> None:
    rules = get_rules("ntire2026-esr")
    only_images = Row("sent", "sent", {"psnr-valid": Decimal(27), "psnr-test": Decimal(27)})
    _, (row,) = challenge_table.overview(standing.outcome_of_rows([only_images], rules, None))
    assert row[-1].count("was not measured") == 3


def test_ranges_that_cannot_be_told_apart_take_one_line() -> None:
    flag = Flag(kind="range undetermined", text="on valid/1: 28.59 dB in its range 1, 28.60 dB in 255")
    assert undetermined([("07", ())]) == []
    assert undetermined([("07", (flag,))]) == [f"07: range undetermined: {flag.text}"]
    (line,) = undetermined([("07", (flag,)), ("09", (flag,))])
    assert line == f"range undetermined: 07, 09 do as well with the other value of white (07 {flag.text})"


def test_other_floors_and_fewer_images_are_said_in_every_format(tmp_path: Path) -> None:
    images = tuple(ImageResult(image=str(i), values={"psnr": 27.0}) for i in range(4))
    one = times((9.0,) * 4).model_copy(update={"images": images})
    path = write_results(results(base=one, other=one), tmp_path / "results.json")
    options = ["--rules", "ntire2026-esr", "--floor", "psnr-valid=20", "--output", str(tmp_path / "out")]
    done = CliRunner().invoke(command, ["rank", str(path), *options])
    assert done.exit_code == 0, done.output
    page, table, data = (
        (tmp_path / "out" / name).read_text() for name in ("ranking.html", "ranking.tex", "ranking.json")
    )
    for said in ("floor psnr-valid 20 instead of 26.9", "valid: 4 images, the rules say 200"):
        assert f"note: {said}" in done.output
        assert said in json.loads(data)["notes"]
        assert said in page
        assert said in table
    plain = standing.outcome_of_results(results(base=one, other=one), get_rules("ntire2026-esr"))
    assert not any("floor psnr-valid" in note for note in plain.notes)


def test_predictions_compare_with_entries_that_meet_the_floors_only() -> None:
    found = predict(RULES_2022, {"runtime": Decimal(5)})
    assert next(stand for stand in found.stands if stand.track == "main").among == 36
    assert "8 published entries are below the floors and not compared with" in found.notes
    figures = ["runtime=30", "params=0.2", "flops=13"]
    done = CliRunner().invoke(command, ["predict", "--rules", "ntire2022-esr", *figures])
    assert done.exit_code == 0, done.output
    assert "your figures: runtime 30 ms, params 0.2 M, macs 13 G\n" in done.output
    assert "NWPU_SweetDreamLab" not in done.output
    done = CliRunner().invoke(command, ["predict", "--rules", "ntire2022-esr", "runtime=30"])
    assert "not ranked: #Params [M] was not given; FLOPs [G] was not given\n" in done.output
    done = CliRunner().invoke(command, ["predict", "--rules", "aim2020-esr", "runtime=3"])
    assert "note: the tracks of aim2020-esr are not known, so nothing is scored or ranked\n" in done.output
    with pytest.raises(SrbenchError, match="macs is given twice, once as 'flops'"):
        predict(RULES_2022, {"macs": Decimal(13), "flops": Decimal(13)})


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("team,runtime\na,x\n", "is no number"),
        ("team,runtime\na,nan\n", "not finite"),
        ("a,b\n1,2\n", "no column of"),
        ("", "no rows"),
    ],
)
def test_tables_that_cannot_be_read_say_why(text: str, words: str, tmp_path: Path) -> None:
    file = tmp_path / "t.csv"
    file.write_text(text)
    with pytest.raises(SrbenchError, match=words):
        tables.read_rows(file, RULES_2022)
