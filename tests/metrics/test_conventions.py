"""The same pixels under every convention, and which of them explains a reported number."""

from __future__ import annotations

import math
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from srbench.errors import SrbenchError
from srbench.imaging import imresize, modcrop, read_image
from srbench.metrics.conventions import ConventionRow, conventions, explain, parse_reported, score_conventions

Pair = tuple[np.ndarray, np.ndarray]


def bicubic_pair(file: Path) -> Pair:
    hr = modcrop(read_image(file), 4)
    return imresize(imresize(hr, 1 / 4), 4), hr


@pytest.fixture(scope="module")
def set5_bicubic(assets: Path) -> dict[str, ConventionRow]:
    files = sorted(assets.glob("raw.githubusercontent.com/Zheng222/IMDN/*/Test_Datasets/Set5/*.bmp"))
    assert len(files) == 5
    return {row.convention.key: row for row in score_conventions([partial(bicubic_pair, f) for f in files], 4)}


@pytest.mark.parametrize(
    ("key", "psnr", "ssim"),
    [
        ("y-matlab@1", 28.43, 0.811),
        ("y-rounded@1", 28.42, 0.810),
        ("y-full", 27.10, 0.792),
        ("yiq", 27.11, 0.792),
        ("rgb-ntire@1", 26.70, 0.773),
        ("y-pooled", 28.09, None),
        ("y-rounded-uniform-7", None, 0.822),
    ],
)
def test_set5_bicubic_x4(
    set5_bicubic: dict[str, ConventionRow], key: str, psnr: float | None, ssim: float | None
) -> None:
    row = set5_bicubic[key]
    assert row.psnr == (None if psnr is None else pytest.approx(psnr, abs=0.01))
    assert row.ssim == (None if ssim is None else pytest.approx(ssim, abs=0.001))


@pytest.mark.parametrize(
    ("reported", "matches"),
    [
        ("28.43/0.811", ("y-matlab@1",)),
        ("27.11", ("yiq",)),
        ("28.09", ("y-pooled",)),
        ("0.8221", ("y-rounded-uniform-7",)),
        ("28.42", ("y-rounded@1", "y-rounded-no-shave")),
        ("30.00", ()),
    ],
)
def test_a_reported_number_finds_its_convention(
    set5_bicubic: dict[str, ConventionRow], reported: str, matches: tuple[str, ...]
) -> None:
    assert explain(tuple(set5_bicubic.values()), parse_reported(reported)).matches == matches


def rows(**figures: tuple[float | None, float | None]) -> tuple[ConventionRow, ...]:
    by_key = {each.key: each for each in conventions()}
    names = {"matlab": "y-matlab@1", "rgb": "rgb-ntire@1", "pooled": "y-pooled"}
    return tuple(ConventionRow(by_key[names[key]], *value) for key, value in figures.items())


def test_one_match_is_named_with_what_it_is() -> None:
    found = explain(rows(matlab=(28.428, 0.81), rgb=(26.7, 0.77)), parse_reported("28.43"))
    assert found.sentence == ("28.43 is explained by y-matlab@1: Y not rounded, shave scale (the papers' measure).")


def test_several_matches_are_not_told_apart() -> None:
    found = explain(rows(matlab=(28.428, 0.81), rgb=(28.431, 0.77)), parse_reported("28.43"))
    assert "fits 2 conventions, which it cannot tell apart: y-matlab@1, rgb-ntire@1" in found.sentence
    assert explain(rows(matlab=(28.428, 0.81), rgb=(28.431, 0.77)), parse_reported("28.43/0.77")).matches == (
        "rgb-ntire@1",
    )


def test_psnr_and_ssim_of_different_conventions_are_called_that() -> None:
    found = explain(rows(matlab=(28.43, 0.811), rgb=(26.7, 0.773)), parse_reported("28.43/0.773"))
    assert found.matches == ()
    assert "PSNR fits y-matlab@1, the SSIM fits rgb-ntire@1" in found.sentence


def test_no_match_names_the_nearest_and_claims_nothing() -> None:
    found = explain(rows(matlab=(28.43, 0.811), pooled=(28.09, None)), parse_reported("28.15"))
    assert found.sentence.startswith(
        "no known convention gives 28.15 for these pixels; "
        "the nearest in PSNR is y-pooled with 28.0900 dB, off by 0.0600."
    )


@pytest.mark.parametrize(
    ("text", "psnr", "ssim"),
    [("28.4", 28.4, None), ("28.42/0.8104", 28.42, 0.8104), ("/.81", None, 0.81), ("0.8", None, 0.8)],
)
def test_reported_numbers_as_papers_print_them(text: str, psnr: float | None, ssim: float | None) -> None:
    found = parse_reported(text)
    assert (found.psnr, found.ssim) == (psnr, ssim)


@pytest.mark.parametrize("text", ["", "/", "28.4/0.8/1", "28.4/8.1", "about 28", "nan", "inf", "1e3"])
def test_other_texts_are_refused(text: str) -> None:
    with pytest.raises(SrbenchError, match="is not a reported number"):
        parse_reported(text)


def test_pooling_weighs_every_pixel_the_same() -> None:
    small, large = np.zeros((28, 28, 3), np.uint8), np.zeros((48, 88, 3), np.uint8)
    pairs: list[Pair] = [(small + 4, small), (large + 2, large)]
    pooled = next(r for r in score_conventions([lambda p=p: p for p in pairs], 4) if r.convention.key == "y-pooled")
    mse = (16 * 20 * 20 + 4 * 40 * 80) / (20 * 20 + 40 * 80) * (219 / 255) ** 2
    assert pooled.psnr == pytest.approx(10 * math.log10(255**2 / mse), abs=1e-9)


def test_identical_images_are_infinite_and_no_images_are_an_error() -> None:
    image = np.zeros((30, 30, 3), np.uint8)
    assert all(r.psnr in (None, math.inf) for r in score_conventions([lambda: (image, image)], 4))
    with pytest.raises(SrbenchError, match="no images"):
        score_conventions([], 4)


def test_a_grey_file_is_read_both_ways_and_weighs_more_in_its_full_range() -> None:
    rng = np.random.default_rng(0)
    grey = rng.integers(60, 180, (40, 40), dtype=np.uint8)
    near = np.dstack([grey + rng.integers(0, 9, grey.shape, dtype=np.uint8)] * 3)
    rows = {r.convention.key: r for r in score_conventions([lambda: (near, grey)], 4)}
    stored, luma = rows["y-rounded-grey-stored"].psnr, rows["y-rounded@1"].psnr
    assert stored is not None
    assert luma is not None
    assert luma - stored == pytest.approx(20 * math.log10(255 / 219), abs=0.05)
    colour = {r.convention.key for r in score_conventions([lambda: (near, np.dstack([grey] * 3))], 4)}
    assert "y-rounded-grey-stored" not in colour
