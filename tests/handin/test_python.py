"""``srbench.score``, ``.table`` and ``.plot``."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import srbench
from srbench.errors import SrbenchError


def test_score_is_psnr_and_ssim_from_one_pass() -> None:
    rng = np.random.default_rng(0)
    sr, hr = (rng.integers(0, 256, (40, 44, 3), dtype=np.uint8) for _ in range(2))
    found = srbench.score(sr, hr, scale=2)
    assert list(found) == ["psnr", "ssim"]
    assert found["psnr"] == pytest.approx(srbench.psnr(sr, hr, scale=2), abs=1e-6), "one pass sums in another order"
    assert found["ssim"] == pytest.approx(srbench.ssim(sr, hr, scale=2), abs=1e-6)
    assert list(srbench.score(sr, hr, quantities=["ssim"])) == ["ssim"]
    with pytest.raises(SrbenchError, match="unknown quantity 'psmr'"):
        srbench.score(sr, hr, quantities=["psmr"])


def test_tables_and_plots_show_themselves(stored: Path, tmp_path: Path) -> None:
    made = srbench.table(stored, published=["carn"], scales=(4,), ours="imdn")
    assert repr(made) == "<PaperTable of 4 rows, 6 columns>"
    assert made._repr_html_().startswith("<table")
    assert "IMDN (ours)" in str(made)
    assert made.save(tmp_path / "t.tex").read_text() == made.text("latex")
    assert "carn2018" in made.bibtex()
    drawn = srbench.plot(stored, dataset="set5", published=["carn"])
    assert repr(drawn) == "<Plot of 4 points, x4, Set5>"
    assert "<svg" in drawn._repr_html_()


def test_costs_of_names_modules_and_open_models() -> None:
    from torch import nn

    found = srbench.costs("imdn", size="720p")
    assert repr(found) == "<Costs of imdn x4 at LR 320x180: Params 715K, MACs 40.9G>"
    assert found["params"] == 715176
    assert list(found) == ["params", "macs", "activations", "convs", "depth", "memory"]
    assert "<td>40.9G</td>" in found._repr_html_()
    own = srbench.costs(nn.Sequential(nn.Conv2d(3, 48, 3, padding=1), nn.PixelShuffle(4)), size="10x20")
    assert (own["params"], own["macs"], own.lr_size) == (1344, 10 * 20 * 48 * 27, (10, 20))
    assert "macs:fvcore" in srbench.costs("imdn", convention="fvcore")
    timed = srbench.costs(srbench.open_model("imdn", 2, weights="none"), size="16x16", runtime=True)
    assert (timed.scale, timed["runtime"] > 0) == (2, True)
    with pytest.raises(SrbenchError, match="interpolation"):
        srbench.costs("bicubic")


def nearest(lr: np.ndarray, scale: int) -> np.ndarray:
    return lr.repeat(scale, 0).repeat(scale, 1)


def test_a_comparison_of_functions_modules_and_folders(tmp_path: Path) -> None:
    from PIL import Image
    from torch import nn

    y, x = np.mgrid[0:64, 0:80]
    hr = np.dstack([2 * x + y, 255 - 2 * x, (x * y) % 256]).clip(0, 255).astype(np.uint8)
    Image.fromarray(hr).save(tmp_path / "stripes.png")
    (tmp_path / "sr").mkdir()
    Image.fromarray(hr).save(tmp_path / "sr" / "stripes_x2_SR.png")
    network = nn.Sequential(nn.Conv2d(3, 12, 3, padding=1), nn.PixelShuffle(2))
    methods = {"Nearest": nearest, "Untrained": network, "Perfect": tmp_path / "sr"}
    made = srbench.compare(methods, [tmp_path / "stripes.png"], 2, crop=(8, 8, 24, 24), width=3.3)
    assert repr(made) == "<Comparison of 4 methods on stripes.png, x2>"
    scores = made.scores
    assert list(scores["method"]) == ["Bicubic", "Nearest", "Untrained", "Perfect"]
    assert scores["psnr"].iloc[3] == np.inf
    assert scores["psnr"].iloc[1] == pytest.approx(srbench.evaluate(nearest, tmp_path, 2)["psnr"].iloc[0])
    assert "<svg" in made._repr_html_()
    assert made.save(tmp_path / "crops.pdf").stat().st_size > 1000
    several = srbench.compare(nearest, [hr, hr[:40]], 2, crop=[(0, 0, 20, 20), (4, 4, 20, 20)])
    assert [(one.crop.x, one.source.name) for one in several.comparisons] == [(0, "image 1"), (4, "image 2")]
    with pytest.raises(SrbenchError, match="takes no 'colour'"):
        srbench.compare(nearest, hr, colour="red")
