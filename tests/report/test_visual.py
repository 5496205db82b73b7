"""Visual comparisons, without a model: the crop where models differ most, the figure and the page."""

from __future__ import annotations

import io
import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import PIL.Image
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from srbench.errors import SrbenchError
from srbench.evaluation import compare as visual
from srbench.evaluation import compare_source as visual_source
from srbench.evaluation.compare_best import best_of
from srbench.evaluation.compare_crop import Crop, auto_crop, check_crop, luma_spread, parse_crop, window_sums
from srbench.evaluation.compare_json import as_json
from srbench.imaging import write_image
from srbench.metrics import get_protocol, score
from srbench.models.registry import get_card
from srbench.report import visual_error, visual_figure, visual_files, visual_page
from srbench.results.record import WeightsRef

Image = NDArray[np.uint8]


def noise(seed: int, height: int = 48, width: int = 64) -> Image:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


def flat(height: int = 60, width: int = 80, value: int = 100) -> Image:
    return np.full((height, width, 3), value, np.uint8)


def shown(name: str, sr: Image, hr: Image | None) -> visual.Shown:
    return visual.Shown(
        name=name, title=name.upper(), paper="nobody2020", year=2020, weights=WeightsRef(name="none", origin="none"),
        source_sha256="0" * 64, sr=sr, reference=hr,
    )  # fmt: skip


def comparison(hr: Image | None = None, crop: Crop = Crop(16, 8, 16, 16), models: int = 3) -> visual.Comparison:  # noqa: B008
    """Noise as "models", with HR unless ``hr`` is an empty array."""
    hr = noise(0) if hr is None else hr if hr.size else None
    lr = noise(9, 12, 16)
    protocol = get_protocol("y-matlab")
    names = ["bicubic", "one", "two", "three"][:models]
    ones = [shown(name, noise(place + 1), hr) for place, name in enumerate(names)]
    return visual.Comparison(
        source=visual_source.Source("set/<tiger>", 4, lr, hr, "imresize of HR"), scale=4, protocol=protocol, crop=crop,
        crop_found_between=("ONE", "TWO"), shown=tuple(visual._scored(one, crop, 4, protocol) for one in ones),
        left_out=("rfdn x4 has no weights, so it is not shown.",), failed=(), versions={"numpy": "2"},
        command="srbench compare", created="2026-01-02T03:04:05+00:00",
    )  # fmt: skip


# The crop


def test_the_crop_lies_where_the_models_differ() -> None:
    one, two = flat(), flat()
    two[20:36, 44:60] = 140
    assert auto_crop([one, two], 16, 4, 4) == Crop(44, 20, 16, 16)


def test_what_all_models_do_alike_does_not_attract_the_crop() -> None:
    one, two = noise(1, 60, 80), noise(1, 60, 80)  # strong texture everywhere, but the same in both
    two[8:12, 8:12] ^= 1
    found = auto_crop([one, two], 16, 4, 4)
    assert found.x <= 8
    assert found.y <= 8


def test_equal_models_give_the_crop_at_the_centre() -> None:
    assert auto_crop([flat(), flat(), flat()], 16, 4, 4) == Crop(32, 20, 16, 16)


def test_of_two_equal_places_the_upper_left_one_is_taken() -> None:
    one, two = flat(64, 64), flat(64, 64)
    for y, x in ((8, 8), (8, 40), (40, 8), (40, 40)):
        two[y : y + 16, x : x + 16] = 150
    assert auto_crop([one, two], 16, 4, 8) == Crop(8, 8, 16, 16)


def test_the_shaved_border_is_left_out() -> None:
    one, two = flat(), flat()
    two[:4] = two[:, :4] = 255  # the strongest difference is in the border
    two[30:40, 40:50] = 110
    assert auto_crop([one, two], 16, 4, 4) == Crop(36, 24, 16, 16)  # all that is inside, nearest the centre


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), models=st.integers(2, 4), side=st.integers(11, 20), step=st.integers(1, 4))
def test_no_allowed_crop_differs_more_and_the_order_of_models_does_not_matter(
    seed: int, models: int, side: int, step: int
) -> None:
    random = np.random.default_rng(seed)
    # Few distinct values, so that ties happen.
    images = [random.choice(np.array([0, 255], np.uint8), (30, 33, 1)).repeat(3, 2) for _ in range(models)]
    found = auto_crop(images, side, step, step)
    spread = luma_spread(images)
    best = spread[found.y : found.y + side, found.x : found.x + side].sum()
    for y in range(step, 30 - step - side + 1, step):
        for x in range(step, 33 - step - side + 1, step):
            assert spread[y : y + side, x : x + side].sum() <= best
    assert found == auto_crop(images[::-1], side, step, step)
    assert found.x % step == found.y % step == 0


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 9))
def test_window_sums_are_the_sums_of_the_windows(seed: int, side: int) -> None:
    values = np.random.default_rng(seed).integers(0, 10**9, (9, 12))
    windows = np.lib.stride_tricks.sliding_window_view(values, (side, side))
    assert (window_sums(values, side) == windows.sum((2, 3))).all()


def test_the_spread_is_the_variance_between_the_models() -> None:
    images = [noise(seed) for seed in range(3)]
    lumas = np.stack([image @ np.array([65.481, 128.553, 24.966]) / 255 for image in images])
    np.testing.assert_allclose(luma_spread(images) / (256 * 9), lumas.var(0), rtol=0.05, atol=5)


@pytest.mark.parametrize("text", ["", "1,2,3", "1,2,3,x", "-1,0,20,20", "1.5,0,20,20", "middle"])
def test_a_crop_is_auto_or_four_numbers(text: str) -> None:
    with pytest.raises(SrbenchError, match=r"expected auto or X,Y,W,H"):
        parse_crop(text)


def test_a_crop_outside_the_image_or_too_small_is_refused() -> None:
    assert check_crop(Crop(0, 0, 64, 48), (48, 64)) == Crop(0, 0, 64, 48)
    with pytest.raises(SrbenchError, match=r"does not lie in the image of 64x48 pixels; X \+ W may be at most 64"):
        check_crop(Crop(60, 0, 16, 16), (48, 64))
    with pytest.raises(SrbenchError, match=r"40x10 pixels, but SSIM needs at least 11x11"):
        check_crop(Crop(0, 0, 40, 10), (48, 64))
    with pytest.raises(SrbenchError, match="does not fit into 64x48 without its border of 4"):
        auto_crop([noise(1), noise(2)], 44, 4, 4)


# The image


def test_lr_that_does_not_fit_hr_is_refused(tmp_path: Path) -> None:
    write_image(tmp_path / "hr.png", noise(0))
    write_image(tmp_path / "lr.png", noise(0, 12, 15))
    with pytest.raises(SrbenchError, match=r"has 15x12 pixels, but the HR image of 64x48 needs 16x12 at scale 4"):
        visual_source.open_source(str(tmp_path / "hr.png"), tmp_path / "lr.png", 4)


def test_hr_is_cropped_to_multiples_of_the_scale_and_given_lr_is_used(tmp_path: Path) -> None:
    write_image(tmp_path / "hr.png", noise(0, 50, 67))
    write_image(tmp_path / "lr.png", noise(1, 12, 16))
    source = visual_source.open_source(str(tmp_path / "hr.png"), tmp_path / "lr.png", 4)
    assert source.hr is not None
    assert source.hr.shape == (48, 64, 3)
    assert (source.lr == noise(1, 12, 16)).all()
    assert source.lr_kind == "file lr.png"


def test_an_image_is_named_by_dataset_and_name() -> None:
    assert visual_source.open_source("embedded/Chelsea.png", None, 4).name == "embedded/chelsea"
    with pytest.raises(SrbenchError, match=r"dataset 'embedded' has no image 'astronout'; did you mean astronaut"):
        visual_source.open_source("embedded/astronout", None, 4)
    with pytest.raises(SrbenchError, match="does not exist; expected a file, or DATASET/NAME"):
        visual_source.open_source("nowhere.png", None, 4)
    with pytest.raises(SrbenchError, match="for example embedded/coffee"):
        visual_source.open_source("embeded/coffee", None, 4)


# Scores


def test_the_crop_is_scored_with_all_its_pixels() -> None:
    found = comparison()
    one, crop = found.shown[1], found.crop
    assert one.crop is not None
    assert found.source.hr is not None
    own = [np.ascontiguousarray(crop.of(image)) for image in (one.sr, found.source.hr)]
    framed = [np.pad(image, ((4, 4), (4, 4), (0, 0))) for image in own]  # a frame that the protocol shaves off again
    expected = score(framed[0], framed[1], 4, "y-matlab")
    assert tuple(one.crop.values.values()) == pytest.approx((expected.psnr, expected.ssim), abs=1e-9)


def test_identical_pixels_are_infinite_on_the_page_and_null_in_json() -> None:
    found = comparison(models=2)
    same = visual._scored(shown("one", noise(0), noise(0)), found.crop, 4, found.protocol)
    found = replace(found, shown=(found.shown[0], same))
    model = as_json(found)["models"][1]
    assert model["whole"] == {"psnr": None, "ssim": 1.0, "identical": True}
    assert "inf / 1.0000" in visual_page.html(found)


def test_best_figures_are_marked_per_metric_as_printed() -> None:
    quality = [visual.Quality({"psnr": 30.004, "ssim": 0.9}), visual.Quality({"psnr": 30.001, "ssim": 0.91})]
    ones = [replace(shown(n, noise(1), None), whole=q, crop=q) for n, q in zip("ab", quality, strict=True)]
    best = best_of(ones)
    assert {("a", "whole", "psnr"), ("b", "whole", "psnr"), ("b", "crop", "ssim")} <= best
    assert ("a", "crop", "ssim") not in best


def test_without_hr_there_is_no_error_map() -> None:
    with pytest.raises(SrbenchError, match="no error map of ONE without an HR image"):
        shown("one", noise(1), None).error()


def test_error_maps_share_a_scale_and_end_in_its_last_colour() -> None:
    error = np.array([[0.0, 8.0], [16.0, 99.0]])
    assert visual_error.colourise(error, 16).tolist() == [[0, 32], [63, 63]]
    lightness = visual_error.palette() @ np.array([0.299, 0.587, 0.114])
    assert (np.diff(lightness) > 0).all()  # readable without telling hues apart


# Figure and page


@pytest.mark.parametrize("tiles", [2, 3, 4, 7, 12, 15])
@pytest.mark.parametrize("aspect", [0.66, 1.0, 1.5])
def test_the_figure_fills_the_width_and_rows_end_where_the_overview_ends(aspect: float, tiles: int) -> None:
    layout = visual_figure.lay_out(aspect, 1.0, tiles, 3)
    assert layout.rows * layout.columns >= tiles
    assert layout.overview[0] / layout.overview[1] == pytest.approx(aspect)
    used = layout.overview[0] + layout.columns * (layout.tile[0] + 0.07)
    assert used == pytest.approx(visual_figure.WIDTH)
    rows = layout.rows * (layout.tile[1] + layout.caption) - layout.caption
    assert layout.overview[1] == pytest.approx(rows)


def test_the_same_comparison_gives_the_same_figure_and_page(tmp_path: Path) -> None:
    for ending in visual_figure.FORMATS:
        files = [visual_figure.save(visual_figure.draw(comparison()), tmp_path / f"{n}.{ending}") for n in "ab"]
        assert files[0].read_bytes() == files[1].read_bytes()
    assert visual_page.html(comparison()) == visual_page.html(comparison())


def test_the_error_figure_needs_hr(tmp_path: Path) -> None:
    path = visual_figure.save(visual_figure.draw_errors(comparison()), tmp_path / "errors.svg")
    assert path.read_text().startswith("<?xml")
    with pytest.raises(SrbenchError, match="no error maps without an HR image"):
        visual_figure.draw_errors(comparison(np.zeros(0, np.uint8)))


def test_the_page_needs_nothing_from_outside_and_says_what_is_missing() -> None:
    html = visual_page.html(comparison())
    assert not re.search(r'(src|href)="(?!data:|#)', html)
    assert "set/&lt;tiger&gt;" in html
    assert "<tiger>" not in html
    assert "rfdn x4 has no weights, so it is not shown." in html
    stage = json.loads(html.split('id="stage-data"')[1].split(">", 1)[1].split("</script>")[0])
    assert [image["key"] for image in stage][:3] == ["hr", "lr", "bicubic"]


def test_the_page_without_hr_says_so_and_shows_no_figures() -> None:
    html = visual_page.html(comparison(np.zeros(0, np.uint8)))
    assert "No HR image was given." in html
    assert "PSNR / SSIM" not in html
    assert 'id="errors"' not in html


def test_a_large_image_is_held_around_the_crop(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(visual_page, "_BUDGET", 4 * 32 * 24)
    region = visual_page._region(comparison(crop=Crop(45, 30, 16, 16)))
    assert region.x % 4 == region.y % 4 == 0
    assert region.width * region.height < 48 * 64
    assert region.x <= 45
    assert region.y <= 30
    assert region.x + region.width >= 61
    assert region.y + region.height >= 46


def test_a_page_of_five_methods_keeps_its_weight_however_large_the_image(monkeypatch: pytest.MonkeyPatch) -> None:
    assert visual_page.WEIGHT < 2_000_000
    monkeypatch.setattr(visual_page, "WEIGHT", 300_000)  # a smaller page is made sooner
    random = np.random.default_rng(1)
    coarse = np.kron(random.integers(20, 230, (50, 70, 3)), np.ones((6, 6, 1)))
    hr, *sr = (np.clip(coarse + random.integers(-8, 9, coarse.shape), 0, 255).astype(np.uint8) for _ in range(6))
    small = comparison()
    crop = Crop(180, 120, 48, 48)
    made = replace(
        small,
        source=visual_source.Source("set/large", 4, np.ascontiguousarray(hr[::4, ::4]), hr, "imresize of HR"),
        crop=crop,
        shown=tuple(
            visual._scored(shown(f"m{place}", image, hr), crop, 4, small.protocol) for place, image in enumerate(sr)
        ),
    )
    html = visual_page.html(made)
    images = re.findall(r"data:image/[a-z]+;base64,[\w+/=]+", html)
    assert 200_000 < sum(map(len, images)) < 300_000
    assert "pixels around the crop are held" in html
    assert len(visual_page.html([made, made])) < len(html) + 60_000


def test_the_fragment_for_other_pages_has_every_crop_and_figure() -> None:
    fragment = str(visual_page.strip(comparison()))
    assert fragment.count("<figure") == 1 + 1 + 3
    assert "<script" not in fragment


def test_crops_and_error_maps_are_written_pixel_by_pixel(tmp_path: Path) -> None:
    found = comparison()
    files = visual_files.write_crops(found, tmp_path)
    names = {str(file.relative_to(tmp_path)) for file in files}
    assert names >= {"crops/hr.png", "crops/lr.png", "crops/one.png", "errors/two.png"}
    crop = np.array(PIL.Image.open(tmp_path / "crops" / "one.png"))
    assert (crop == found.crop.of(found.shown[1].sr)).all()
    error = PIL.Image.open(io.BytesIO((tmp_path / "errors" / "two.png").read_bytes()))
    assert error.size == (64, 48)


def test_no_model_at_all_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    source = visual_source.Source("x.png", 4, noise(9, 12, 16), noise(0), "imresize of HR")
    with pytest.raises(SrbenchError, match="none of the models can be shown: imdn x4"):
        visual.compare(visual.Request((get_card("imdn"),), weights="none"), source)
