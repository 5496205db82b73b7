"""Published cells beside our results."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from srbench.errors import SrbenchError
from srbench.leaderboard import measured, published, states
from srbench.leaderboard.schema import Images
from srbench.results.record import Record

MakeResult = Callable[..., Record]


def cell(folder: Path, model: str, metric: str, *, table: str = "t5", dataset: str = "set5") -> states.Comparison:
    """The comparison of one x4 cell of the IMDN paper."""
    (found,) = [
        c
        for c in states.compare(["imdn2019"], folder=folder)
        if (c.printed.table, c.printed.cell.model, c.printed.cell.scale, c.printed.cell.metric)
        == (table, model, 4, metric)
        and c.printed.cell.dataset == (dataset if metric in ("psnr", "ssim") else "")
    ]
    return found


def test_a_mean_that_rounds_to_the_print_is_reproduced(make_result: MakeResult, tmp_path: Path) -> None:
    make_result(psnr=32.2149)
    found = cell(tmp_path / "results", "imdn", "psnr")
    assert found.state == "reproduced"
    assert found.difference == pytest.approx(0.0049)
    assert found.source is not None
    assert found.source["command"] == "srbench run"


def test_a_mean_that_does_not_is_off_by_the_difference(make_result: MakeResult, tmp_path: Path) -> None:
    make_result(psnr=32.2251)
    found = cell(tmp_path / "results", "imdn", "psnr")
    assert (found.state, found.reason) == ("off", "cause unknown")
    assert found.difference == pytest.approx(0.0151)


def test_weights_of_our_own_never_answer_a_papers_number(make_result: MakeResult, tmp_path: Path) -> None:
    make_result(psnr=32.21, origin="bundled")
    make_result("rfdn", psnr=32.24, origin="bundled")
    found = cell(tmp_path / "results", "imdn", "psnr")
    assert (found.state, found.measured) == ("dataset not measured", None)
    of_rfdn = [
        c
        for c in states.compare(["rfdn2020"], folder=tmp_path / "results")
        if (c.printed.cell.model, c.printed.cell.scale, c.printed.cell.metric) == ("rfdn", 4, "psnr")
    ]
    assert {(c.state, c.measured) for c in of_rfdn} == {("weights unavailable", None)}
    assert all("common-recipe" in c.reason for c in of_rfdn)


def test_released_weights_win_over_bundled_ones(make_result: MakeResult, tmp_path: Path) -> None:
    make_result(psnr=31.9, origin="bundled")
    make_result(psnr=32.21)
    assert cell(tmp_path / "results", "imdn", "psnr").state == "reproduced"


def test_a_part_of_a_dataset_is_never_compared(make_result: MakeResult, tmp_path: Path) -> None:
    make_result(dataset={"name": "set5", "lr": "imresize", "images": 2, "sha256": "1" * 64, "limit": 2})
    assert cell(tmp_path / "results", "imdn", "psnr").state == "dataset not measured"


def test_without_weights_quality_is_unavailable_and_the_row_is_cost_only(
    make_result: MakeResult, tmp_path: Path
) -> None:
    make_result("rfdn", psnr=None, origin="none", params=549_624)
    found = states.compare(["rfdn2020"], folder=tmp_path / "results")
    rows = states.row_states(found)
    mine = [
        c for c in found if c.printed.table == "t3" and c.printed.cell.model == "rfdn" and c.printed.cell.scale == 4
    ]
    by_metric = {(c.printed.cell.dataset, c.printed.cell.metric): c for c in mine}
    assert by_metric["set5", "psnr"].state == "weights unavailable"
    assert by_metric["set5", "psnr"].reason == "no weights"
    assert by_metric["", "params"].state == "reproduced"
    assert rows["rfdn2020", "t3", mine[0].printed.cell.row_index, 4] == "cost only"


def test_costs_are_compared_under_the_convention_of_the_table(make_result: MakeResult, tmp_path: Path) -> None:
    make_result()
    per_pixel = cell(tmp_path / "results", "imdn", "macs_per_pixel", table="t7")
    assert (per_pixel.state, per_pixel.source) == ("off", None)  # no result has the table's convention: counted now
    assert per_pixel.reason.startswith("every weight of imdn at every LR position")
    params = cell(tmp_path / "results", "imdn", "params")
    assert (params.state, params.measured) == ("reproduced", 715_176.0)


def test_a_cost_whose_digits_were_cut_off_says_so(make_result: MakeResult, tmp_path: Path) -> None:
    make_result("imdn-baseline", params=893_936, macs=58_531_512_320)
    found = {
        c.printed.cell.metric: c
        for c in states.compare(["rfdn2020"], folder=tmp_path / "results")
        if c.printed.table == "t5" and c.printed.cell.model == "imdn-baseline"
    }
    assert (found["params"].state, found["params"].reason) == (
        "off",
        "imdn-baseline has 893,936; the printed digits are cut off",
    )
    assert found["macs"].state == "reproduced"
    assert found["runtime"].state == "published only"


def test_everything_printed_has_a_state_and_the_frame_carries_it(make_result: MakeResult, tmp_path: Path) -> None:
    make_result()
    frame = states.load(folder=tmp_path / "results")
    assert set(frame.state) <= set(states.STATES)
    reproduced = frame[frame.state == "reproduced"]
    assert set(reproduced[reproduced.file != ""].model) == {"imdn"}
    assert set(reproduced[reproduced.file == ""].metric) <= {"macs", "macs_per_pixel"}  # counted now
    assert frame[frame.model == ""].state.eq("published only").all()


def test_measured_results_are_one_row_per_metric(make_result: MakeResult, tmp_path: Path) -> None:
    make_result()
    frame = measured.load(tmp_path / "results")
    assert list(frame.metric) == ["psnr", "ssim", "params", "macs", "activations", "num_conv"]
    assert set(frame.columns) == set(measured.COLUMNS)
    assert frame.set_index("metric").loc["macs", "input_size"] == "256x256"


def test_no_results_at_all_are_an_empty_frame(tmp_path: Path) -> None:
    assert measured.load(tmp_path).empty
    found = {c.printed.cell.metric: c.state for c in states.compare(["lrfdn2023"], folder=tmp_path)}
    assert found["psnr"] == "dataset not measured"
    assert found["runtime"] == "published only"


def test_a_file_that_is_no_result_is_named(tmp_path: Path) -> None:
    (tmp_path / "odd.json").write_text("{}", encoding="utf-8")
    with pytest.raises(SrbenchError, match=r"odd\.json' is not a srbench result"):
        measured.load(tmp_path)


def test_a_table_is_compared_with_images_made_as_its_own(tmp_path: Path) -> None:
    table = published.paper("etds2023").table("t2")
    assert table.images_of("set14") == Images(crop=12, lr="double")
    assert table.images_of("set14").dataset("set14") == "set14@mod12"
    vapsr = published.paper("vapsr2022").table("readme")
    assert (vapsr.images_of("set5").crop, vapsr.images_of("set14").crop) == (12, None)
    cell = next(c for c in states.compare(["etds2023"], folder=tmp_path) if c.printed.cell.dataset == "set5")
    assert cell.reason == "set5@mod12 with LR rounded once has not been measured under y-matlab"


def test_a_perceptual_cell_says_why_it_is_not_measured(tmp_path: Path) -> None:
    found = [c for c in states.compare(["imdn2019"], folder=tmp_path) if c.printed.cell.metric == "lpips"]
    assert {c.printed.cell.model for c in found} == {"vdsr", "imdn-as"}
    assert all("LPIPS depends on a network that the paper does not name" in c.reason for c in found)


def test_weights_that_were_released_but_not_run_on_a_dataset_are_not_called_unavailable(
    make_result: MakeResult, tmp_path: Path
) -> None:
    make_result()
    make_result(psnr=None, origin="none")  # the costs-only result of the same model answers nothing
    found = cell(tmp_path / "results", "imdn", "psnr", dataset="urban100")
    assert (found.state, found.measured) == ("dataset not measured", None)
    assert found.reason == "urban100 has not been measured under y-matlab"
    assert cell(tmp_path / "results", "carn", "psnr").state == "weights unavailable"


def test_another_training_is_not_comparable_and_says_why(make_result: MakeResult, tmp_path: Path) -> None:
    make_result(psnr=32.21)
    found = [c for c in states.compare(["rfdn2020"], folder=tmp_path / "results") if c.printed.table == "t4"]
    mine = {
        c.printed.cell.metric: c for c in found if (c.printed.cell.model, c.printed.cell.dataset) == ("imdn", "set5")
    }
    assert (mine["psnr"].state, mine["psnr"].measured) == ("not comparable", 32.21)
    assert "another training" in mine["psnr"].reason
    assert all(c.state != "off" for c in found)


def test_a_network_of_our_reading_judges_nothing(tmp_path: Path) -> None:
    found = [c for c in states.compare(["aidn2022"], folder=tmp_path) if c.printed.table == "t2"]
    of_params = {c.printed.cell.row: c.state for c in found if c.printed.cell.metric == "params"}
    assert (of_params["Base"], of_params["AIEB"]) == ("not comparable", "not comparable")


def test_other_images_that_give_the_whole_row_are_the_cause(make_result: MakeResult, tmp_path: Path) -> None:
    make_result(psnr=32.23, ssim=0.8951)
    cropped = {"name": "set5@mod12", "lr": "double", "images": 5, "sha256": "2" * 64}
    make_result(psnr=32.21, ssim=0.8948, dataset=cropped)
    found = cell(tmp_path / "results", "imdn", "psnr")
    assert found.state == "off"
    assert (
        found.reason == "the same weights give the printed digits on set5@mod12 with LR rounded once under y-matlab@1"
    )


def test_every_cell_that_is_off_has_a_cause_or_the_words_that_it_has_none() -> None:
    found = [c for c in states.compare(["imdn2019", "rfdn2020", "vapsr2022"]) if c.state == "off"]
    assert found
    assert all(c.reason for c in found)
    of_srcnn = [c for c in found if c.printed.cell.model == "srcnn"]
    assert {c.reason for c in of_srcnn} == {"srcnn-915 has 8,129"}
