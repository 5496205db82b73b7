"""The table of a run in every format."""

from __future__ import annotations

import csv
import io
import json
import math

import pytest
from samples import MACHINES, costs, record, results, zoo

from srbench.errors import SrbenchError
from srbench.metrics.protocol_text import protocol_sentence
from srbench.metrics.protocols import get_protocol, protocol_names
from srbench.quantities import get_quantity
from srbench.report import run_page
from srbench.report.formats import FORMATS
from srbench.report.runtable import column_marks, groups
from srbench.report.tables import render
from srbench.results.record import Substitution

PSNR = get_quantity("psnr")


def test_the_console_shows_the_papers_figures_weights_and_protocol() -> None:
    text = render(results([record(psnr=32.2104, ssim=0.89478)]), "table")
    for part in ("IMDN", "imdn.released", "715K", "40.9G", "32.21/0.8948", "y-matlab@1", "HR 1280x720"):
        assert part in text


def test_best_is_bold_and_second_underlined() -> None:
    text = render(results(zoo()), "markdown")
    assert "| RFDN | rfdn.bundled | 550K | 31.6G | **32.24**/**0.8952**" in text
    assert "<u>32.21</u>/<u>0.8948</u>" in text
    assert r"\textbf{32.24}/\textbf{0.8952}" in render(results(zoo()), "latex")


def test_figures_that_print_alike_share_a_mark() -> None:
    assert column_marks([32.214, 32.206, 32.16], PSNR) == ["best", "best", "second"]
    assert column_marks([math.inf, 40.0, 39.0, None], PSNR) == ["best", "second", "", ""]


def test_of_two_figures_only_the_best_is_marked_and_of_one_none() -> None:
    assert column_marks([math.inf, 40.0, None], PSNR) == ["best", "", ""]
    assert column_marks([32.2, None], PSNR) == ["", ""]
    assert "<u>" not in render(results([record(), record("rfdn", 32.24, 0.8952)]), "markdown")
    assert "second best" not in run_page.html(results([record(), record("rfdn", 32.24, 0.8952)]), MACHINES)
    assert "second best underlined" in run_page.html(results(zoo()), MACHINES)


def test_rows_of_other_protocols_or_scales_are_not_compared() -> None:
    found = groups(results([record(), record(scale=2), record(protocol="rgb-ntire@1")]))
    assert [(group.protocol, group.scale) for group in found] == [
        ("y-matlab@1", 2),
        ("y-matlab@1", 4),
        ("rgb-ntire@1", 4),
    ]
    assert not any(group.marks for group in found)


def test_other_data_of_the_same_name_get_their_own_column() -> None:
    (group,) = groups(results([record(), record(lr="files"), record(limit=2)]))
    assert [column.label for column in group.columns] == ["Set5", "Set5 (first 2)", "Set5 (given LR)"]


def test_identical_images_print_inf_and_stay_valid_json() -> None:
    same = [record(psnr=None, ssim=1.0)]
    assert "inf/1.0000" in render(results(same), "table")
    row = json.loads(render(results(same), "json"))["rows"][0]
    assert row["psnr"] is None
    assert row["identical_images"] == 2
    assert next(csv.DictReader(io.StringIO(render(results(same), "csv"))))["psnr"] == "inf"


def test_without_weights_the_reason_stands_where_the_figure_would() -> None:
    for shown in (costs("aidn", 4), [record(), *costs("aidn", 4)]):
        text = render(results(shown), "table")
        assert "no weights" in text.lower()
        assert "339K" in text


def test_what_was_used_instead_stands_under_the_table() -> None:
    for fmt in ("table", "markdown", "latex"):
        text = " ".join(render(results(zoo()), fmt).split())
        assert "set14 instead of urban100" in text
        assert "Used instead: " in text


def test_no_weights_is_not_called_used_instead() -> None:
    records = costs("aidn", 4, (Substitution("weights", "released or bundled", "none", "none were released"),))
    text = render(results(records), "markdown")
    assert "No weights: aidn x4 has no weights (none were released; none are bundled), so only its cost" in text
    assert "Used instead" not in text
    page = run_page.html(results(records), MACHINES)
    assert "<strong>No weights</strong>" in page
    assert "Used instead" not in page


def test_what_was_taken_of_a_file_is_not_called_used_instead() -> None:
    taken = Substitution("checkpoint-key", "keys with 'module.'", "keys without it", "")
    text = render(results([record(substitutions=(taken,))]), "markdown")
    assert "Taken: " in text
    assert "Used instead" not in text


@pytest.mark.parametrize("fmt", ["table", "markdown", "latex"])
def test_the_protocol_is_a_sentence_everywhere(fmt: str) -> None:
    full = record().model_copy(update={"protocol": get_protocol("y-matlab").model_dump()})
    text = " ".join(render(results([full]), fmt).split())
    assert (
        "Protocol y-matlab@1: luma (BT.601, not rounded), shave = scale, peak 255; SSIM with an 11x11 Gaussian, "
        "sigma 1.5, K1 0.01, K2 0.03." in text
    )
    assert "False" not in text


def test_other_protocols_are_told_apart_by_their_sentences() -> None:
    sentences = {protocol_sentence(get_protocol(name).model_dump()) for name in protocol_names()}
    assert len({sentence.partition(":")[2] for sentence in sentences}) == len(protocol_names())
    assert protocol_sentence({"id": "mine@2", "shave": 0, "peak": 1.0}) == "mine@2: no shave, peak 1."


def test_csv_and_json_keep_every_digit_and_one_row_per_cell() -> None:
    rows = list(csv.DictReader(io.StringIO(render(results([record(psnr=32.2104)]), "csv"))))
    assert rows[0]["psnr"] == "32.2104"
    assert rows[0]["macs_input_size"] == "180x320"
    quality = len(results(zoo()).quality)
    assert len(json.loads(render(results(zoo()), "json"))["rows"]) == quality + 1, "and one of a model without weights"


@pytest.mark.parametrize("fmt", ["table", *FORMATS.names()])
def test_the_order_of_the_records_does_not_matter(fmt: str) -> None:
    assert render(results(zoo()), fmt) == render(results(zoo()[::-1]), fmt)


def test_nothing_measured_is_an_empty_table() -> None:
    assert render(results([]), "csv").startswith("model,title,weights,")
    assert json.loads(render(results([]), "json"))["rows"] == []


def test_an_unknown_format_is_one_sentence() -> None:
    with pytest.raises(SrbenchError, match="unknown format 'word'; known: csv, html, json, latex"):
        render(results([]), "word")


def test_paired_differences_stand_in_markdown_with_a_mark_for_noise() -> None:
    from srbench.report.pairs import neighbours, to_markdown

    found = results(zoo()).quality
    text = to_markdown(found)
    rows = [line for line in text.splitlines() if " images" in line and line.startswith("|")]
    assert len(rows) == len(neighbours(found)) > 0
    assert [line.endswith("≈ |") for line in rows] == [p.difference.within_noise for p in neighbours(found)]
    assert to_markdown([]) == ""


def test_the_console_shows_runtimes_of_one_setting_and_shared_notes_once() -> None:
    made = results([record(scale=scale) for scale in (2, 4)] + [record("rfdn", scale=4)])
    text = render(made, "table", width=200)
    protocol = "Protocol y-matlab@1: luma"
    assert text.count(protocol) == 1
    assert text.index(protocol) > text.index("Scale ×4"), "below the last table"
    timed = [cost for cost in made.costs if "runtime" in cost.values]
    assert timed, "the samples are timed"
    assert text.count("Runtime: median of one pass at LR ") >= 1
    for cost in timed:
        assert get_quantity("runtime").text(cost.values["runtime"]) in text
    assert "Runtime" not in render(made, "markdown"), "other formats are as they were"


def test_what_is_said_of_several_weights_alike_is_one_note() -> None:
    made = [record("imdn", 32.2, weights="imdn.bundled"), record("rfdn", 32.1, weights="rfdn.bundled")]
    text = render(results(made), "table", width=200)
    assert "imdn.bundled, rfdn.bundled: trained 60 minutes on BSDS." in text
    assert text.count("trained 60 minutes") == 1


def test_weights_that_several_models_lack_for_one_reason_are_one_sentence() -> None:
    lack = (Substitution("weights", "released", "bundled", "none were released"),)
    made = [record(name, 32.2, weights=f"{name}.bundled", substitutions=lack) for name in ("imdn", "rfdn")]
    text = render(results(made), "table", width=300)
    together = (
        "Used instead: imdn x4 and rfdn x4 use srbench's own bundled weights, not their authors', because none were"
    )
    assert text.count("bundled weights") == 1
    assert together in text
    assert render(results(made), "markdown").count("bundled weights") == 2


def test_a_runtime_of_one_pass_is_not_that_of_a_self_ensemble() -> None:
    both = [record(), record().model_copy(update={"self_ensemble": True}), *costs("imdn", 4)]
    (group,) = groups(results(both), ("runtime",))
    once, ensemble = (next(row for row in group.rows if row.title == title) for title in ("IMDN", "IMDN+"))
    (column,) = group.costs
    assert column.value(once) == once.cost("runtime", column.size)
    assert column.value(once) is not None
    assert column.value(ensemble) is None
    assert "IMDN+, no Runtime: measured of one pass, and an image takes 8" in render(
        results(both), "markdown", costs=("runtime",)
    )
