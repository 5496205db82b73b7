"""``explain-metric`` without images: a number looked up in the published tables."""

from __future__ import annotations

import json


def test_a_printed_number_is_found_and_several_conventions_are_said(srbench) -> None:
    answer = srbench("explain-metric", "--reported", "28.42", "--dataset", "set5", "--scale", "4", "--json")
    assert answer.code == 0, answer.err
    found = json.loads(answer.out)
    assert {"method": "Bicubic", "paper": "IMDN", "table": "Table 5"}.items() <= found["printed"][0].items()
    assert {one["value"] for one in found["printed"]} == {"28.42"}
    conventions = {(one["protocol"], one["images"]) for one in found["printed"]}
    assert ("fits several conventions" in found["sentence"]) == (len(conventions) > 1)


def test_a_pair_must_be_printed_in_one_row(srbench) -> None:
    assert "Table 5 of the IMDN paper" in srbench("explain-metric", "--reported", "28.42/0.8104").out
    assert "No published table" in srbench("explain-metric", "--reported", "28.42/0.9999").out
    srbench("explain-metric", "--reported", "28.42", "--dataset", "set55").one_sentence("unknown dataset 'set55'")


def test_one_number_under_two_conventions_tells_neither() -> None:
    from srbench.leaderboard.reported import PrintedAs, sentence

    cells = tuple(PrintedAs("A", "P", "Table 1", "psnr", "28.42", protocol, "HR") for protocol in ("one", "two"))
    assert sentence(cells, "28.42", "Set5", 4) == (
        "28.42 on Set5 x4 fits several conventions, so the number alone does not tell which: one, HR; two, HR."
    )
