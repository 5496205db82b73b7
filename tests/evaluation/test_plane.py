"""The papers' bicubic rows, exactly: luma planes in real numbers, one grey file in its full range."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from srbench.datasets.dataset import ImagePair, file_reader
from srbench.datasets.registry import open_dataset
from srbench.errors import SrbenchError
from srbench.evaluation.plan import Request, plan
from srbench.evaluation.plane import plane_of, takes_plane
from srbench.evaluation.score import score_dataset
from srbench.imaging import write_image
from srbench.leaderboard import states
from srbench.metrics.protocols import get_protocol
from srbench.models.opening import open_model
from srbench.models.registry import get_card
from srbench.results.reduction import values_over

PLANE = get_protocol("y-matlab-plane")


def measured(name: str, scale: int) -> tuple[float, float]:
    """Mean PSNR and SSIM of bicubic under the protocol."""
    found = score_dataset(open_model("bicubic", scale), open_dataset(name, scale), [PLANE])
    psnr, ssim = (values_over(found.rows(PLANE))[name] for name in ("psnr", "ssim"))
    assert psnr is not None
    assert ssim is not None
    return psnr, ssim


@pytest.mark.usefixtures("mirror")
@pytest.mark.parametrize(
    ("scale", "psnr", "ssim"), [(2, 30.2374, 0.86880), (3, 27.5457, 0.77418), (4, 26.0043, 0.70273)]
)
def test_the_papers_row_of_set14(scale: int, psnr: float, ssim: float) -> None:
    assert measured("set14", scale) == (pytest.approx(psnr, abs=5e-5), pytest.approx(ssim, abs=5e-6))


@pytest.mark.usefixtures("mirror")
def test_only_bridge_is_stored_as_grey() -> None:
    stored = {image.name: image.load_stored().ndim for image in open_dataset("set14", 4).images}
    assert [name for name, axes in stored.items() if axes == 2] == ["bridge"]


def test_every_printed_bicubic_cell_that_was_measured_is_reproduced() -> None:
    found = [c for c in states.compare(["imdn2019"]) if c.printed.cell.model == "bicubic" and c.measured is not None]
    assert len(found) == 18  # Set5, Set14 and BSD100 at three scales, PSNR and SSIM
    assert {c.state for c in found} == {"reproduced"}
    assert {c.source["protocol"] for c in found if c.source} == {"y-matlab-plane@1"}


def test_a_grey_file_keeps_its_range_and_sr_is_clipped_to_studio_range(tmp_path: Path) -> None:
    grey = np.tile(np.array([0, 0, 255, 255], np.uint8), (16, 4))
    write_image(tmp_path / "grey.png", grey)
    pair = ImagePair("grey", 2, file_reader(tmp_path / "grey.png"))
    sr, hr = plane_of(open_model("bicubic", 2), pair)
    assert (sr.shape, hr.shape) == ((16, 16), (16, 16))
    np.testing.assert_array_equal(hr, grey)
    assert (sr.min(), sr.max()) == (16, 235)


def test_colour_files_are_measured_on_their_rounded_luma(tmp_path: Path) -> None:
    image = np.random.default_rng(0).integers(0, 256, (24, 24, 3), dtype=np.uint8)
    write_image(tmp_path / "a.png", image)
    _, hr = plane_of(open_model("bicubic", 2), ImagePair("a", 2, file_reader(tmp_path / "a.png")))
    luma = 16 + (65.481 * image[..., 0] + 128.553 * image[..., 1] + 24.966 * image[..., 2]) / 255
    assert np.abs(hr - luma).max() <= 0.5 + 1e-9


def test_what_takes_colour_is_left_out_and_says_so(tmp_path: Path) -> None:
    write_image(tmp_path / "a.png", np.zeros((48, 48, 3), np.uint8))
    assert not takes_plane(get_card("imdn"))
    cards = (get_card("imdn"), get_card("bicubic"))
    request = Request(cards, "bundled", (4,), (str(tmp_path),), "imresize", (PLANE.id,))
    made = plan(request)
    assert [cell.card.name for cell in made.cells] == ["bicubic"]
    assert "imdn takes colour, which y-matlab-plane@1 does not give; it is left out." in made.left_out
    with pytest.raises(SrbenchError, match="measure it under y-matlab"):
        plane_of(open_model("imdn", 4, "none"), ImagePair("a", 4, file_reader(tmp_path / "a.png")))
