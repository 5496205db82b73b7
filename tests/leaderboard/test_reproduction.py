"""Printed figures beside ours: the page is current, and the digits that are known to reproduce do."""

from __future__ import annotations

import os

import pytest

from srbench.leaderboard import reproduction
from srbench.leaderboard.states import Comparison, compare
from srbench.paths import reports_dir

PAGE = reports_dir() / "zoo" / "printed_and_measured.md"
MODERN = ("rlfn2022", "vapsr2022", "lkdn2023", "etds2023", "cfsr2024", "smfanet2024")


@pytest.fixture(scope="module")
def comparisons() -> tuple[Comparison, ...]:
    return compare()


def test_the_page_is_current() -> None:
    text = reproduction.render()
    if os.environ.get("SRBENCH_UPDATE"):
        PAGE.write_text(text, encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == text, "run with SRBENCH_UPDATE=1 and commit the page"


@pytest.mark.parametrize(
    ("paper", "model", "dataset", "printed", "crop", "lr"),
    [
        ("smfanet2024", "smfanet", "set5", "32.25/0.8956", None, "imresize"),
        ("smfanet2024", "smfanet", "set14", "28.67/0.7825", None, "imresize"),
        ("lkdn2023", "lkdn", "set5", "32.39/0.8979", None, "double"),
        ("lkdn2023", "bsrn", "set5", "32.35/0.8966", None, "double"),
        ("cfsr2024", "cfsr", "set5", "32.33/0.8964", None, "imresize"),
        ("etds2023", "ecbsr-m6c40", "set5", "31.41/0.8831", 12, "double"),
        ("vapsr2022", "vapsr", "set5", "32.38/0.8978", 12, "double"),
    ],
)
def test_digits_known_to_reproduce_do(
    comparisons: tuple[Comparison, ...], paper: str, model: str, dataset: str, printed: str, crop: int | None, lr: str
) -> None:
    (row,) = _rows(comparisons, paper, model, dataset, printed)
    assert row.state == "reproduced"
    assert (row.images.crop, row.images.lr) == (crop, lr)


def test_the_quoted_row_of_rlfn_is_one_unit_off_in_ssim_and_says_why(comparisons: tuple[Comparison, ...]) -> None:
    (row,) = _rows(comparisons, "rlfn2022", "rlfn", "set5", "32.24/0.8952")
    assert row.comparisons["psnr"].state == "reproduced"
    assert row.comparisons["ssim"].state == "off"
    assert row.comparisons["ssim"].difference == pytest.approx(1e-4, abs=5e-5)
    assert "quoted" in row.comparisons["ssim"].reason


def _rows(
    comparisons: tuple[Comparison, ...], paper: str, model: str, dataset: str, printed: str
) -> list[reproduction.Row]:
    here = (row for (key, _), page in reproduction.rows(comparisons).items() if key == paper for row in page)
    return [r for r in here if (r.model, r.scale, r.dataset, r.printed) == (model, 4, dataset, printed)]


def test_what_is_off_in_the_tables_of_today_has_a_reason(comparisons: tuple[Comparison, ...]) -> None:
    modern = (c for c in comparisons if c.printed.paper in MODERN and c.printed.cell.metric in ("psnr", "ssim"))
    bare = [c.printed.place for c in modern if c.state == "off" and c.reason in ("", "cause unknown")]
    assert bare == []
