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
