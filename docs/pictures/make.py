"""The pictures of the documentation, from measured results and the embedded images: ``python docs/pictures/make.py``.

``page.png`` needs Chromium and Playwright, and is left as it is without them.
"""

from __future__ import annotations

import io
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import PIL.Image
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

import srbench
from srbench.datasets import open_dataset
from srbench.imaging import imresize, rgb_to_y
from srbench.metrics.conventions import score_conventions

HERE = Path(__file__).parent
IMAGE, SCALE = "astronaut", 4
MODELS = [
    "imdn",
    "e-rfdn",
    "bsrn",
    "lkdn",
    "vapsr",
    "cfsr",
    "plainusr",
    "span",
    "ecbsr-m4c32",
    "etds-m",
    "carn-m",
    "rlfn",
    "smfanet",
    "lrfdn",
]
SHOWN = ("y-matlab@1", "y-no-shave", "y-rounded@1", "y-full", "yiq", "rgb-ntire@1")


def main() -> None:
    """Make all of them."""
    plot = srbench.plot(
        "measured", MODELS, ["carn", "rcan"], x="params", dataset="set5", highlight=("imdn",), width=5.2
    )
    (HERE / "plot.png").write_bytes(_small(plot.bytes_of("png"), 900))
    _protocols(HERE / "protocols.png")
    made = srbench.compare(["imdn", "rfdn"], f"embedded/{IMAGE}", SCALE, width=5.2)
    made.save(HERE / "compare.png")
    (HERE / "compare.png").write_bytes(_small((HERE / "compare.png").read_bytes(), 760, 96))
    _page(HERE / "page.png")


def _small(png: bytes, width: int, colours: int = 128) -> bytes:
    """A PNG of that width with few colours."""
    picture = PIL.Image.open(io.BytesIO(png)).convert("RGB")
    height = round(picture.height * width / picture.width)
    held = io.BytesIO()
    picture.resize((width, height), PIL.Image.Resampling.LANCZOS).quantize(colours).save(held, "PNG", optimize=True)
    return held.getvalue()


def _protocols(file: Path) -> None:
    """One image by bicubic: its colours, its luma, the border that is cut, and what each convention makes of it."""
    (pair,) = (one for one in open_dataset("embedded", SCALE).images if one.name == IMAGE)
    lr, hr = pair.load()
    sr = imresize(lr, SCALE)
    rows = {row.convention.key: row for row in score_conventions([lambda: (sr, hr)], SCALE)}
    figure = Figure(figsize=(7.2, 2.3), layout="constrained")
    axes = figure.subplots(1, 4, width_ratios=(1, 1, 1, 1.5))
    error = np.abs(rgb_to_y(sr) - rgb_to_y(hr))
    pictures = (("RGB", sr, None), ("luma (Y)", rgb_to_y(sr), "gray"), ("error of Y, border marked", error, "magma"))
    for place, (title, picture, colours) in zip(axes, pictures, strict=False):
        place.imshow(picture, cmap=colours, vmin=0, vmax=40 if colours == "magma" else 255)
        place.set_title(title, fontsize=8)
        place.set_axis_off()
    height, width = error.shape
    border = 4 * SCALE  # drawn four times as wide as it is
    inner = (border, border), width - 2 * border, height - 2 * border
    axes[2].add_patch(Rectangle(*inner, fill=False, ec="#ffd23f", lw=1.2))
    values = [rows[key].psnr or 0.0 for key in SHOWN]
    axes[3].barh(range(len(SHOWN)), values, color=["#3a6ea5" if "@" in key else "#b8c4d0" for key in SHOWN])
    axes[3].set_yticks(range(len(SHOWN)), SHOWN, fontsize=7)
    axes[3].set_xlim(min(values) - 1.5, max(values) + 0.9)
    axes[3].invert_yaxis()
    axes[3].tick_params(axis="x", labelsize=7)
    axes[3].set_title("PSNR [dB] of these very pixels", fontsize=8)
    for place, value in enumerate(values):
        axes[3].text(value + 0.05, place, f"{value:.2f}", va="center", fontsize=7)
    held = io.BytesIO()
    figure.savefig(held, format="png", dpi=200, metadata={"Software": None})
    file.write_bytes(_small(held.getvalue(), 1100, 160))


def _page(file: Path) -> None:
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        return
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as play:
        subprocess.run([sys.executable, "-m", "srbench.cli", "report", "zoo", "--out", folder], check=True)
        browser = play.chromium.launch(executable_path="/usr/bin/chromium")
        page = browser.new_page(viewport={"width": 1200, "height": 900})
        page.goto((Path(folder) / "index.html").as_uri())
        page.wait_for_timeout(800)
        shown = page.screenshot()
        browser.close()
    file.write_bytes(_small(shown, 1000, 64))


if __name__ == "__main__":
    main()
