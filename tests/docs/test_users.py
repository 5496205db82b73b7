"""The scripts of the documentation, run as they stand; and that its pages name no verb that there is not."""

from __future__ import annotations

import json
import os
import re
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import numpy as np
import PIL.Image
import pytest

from srbench.cli.main import app
from srbench.report.starters import write_starter

DOCS = Path(__file__).resolve().parents[2] / "docs"
NET = """from torch import nn


class Net(nn.Sequential):
    def __init__(self, scale=4):
        super().__init__(nn.Conv2d(3, 3 * scale**2, 3, padding=1), nn.PixelShuffle(scale))
"""


AUTHORS_NET = """from torch import nn
from torch.nn import functional as F

from .blocks import Body


class LiteNet(nn.Module):
    def __init__(self, scale=4):
        super().__init__()
        self.scale = scale
        self.body = Body(scale)

    def forward(self, x):  # (N, 3, h, w) in [0, 255], both a multiple of 8
        assert x.shape[-1] % 8 == x.shape[-2] % 8 == 0
        x = x * (x > 1)  # of an image in [0, 1] nothing would be left
        return F.interpolate(x, scale_factor=self.scale, mode="bicubic") + self.body(x)
"""
BLOCKS = """from torch import nn


class Body(nn.Sequential):
    def __init__(self, scale):
        super().__init__(nn.Conv2d(3, 3 * scale**2, 1), nn.PixelShuffle(scale))
"""
PAPER = r"""\documentclass[twocolumn]{article}
\usepackage{booktabs}
\usepackage{graphicx}
\begin{document}
\input{table}

\noindent\includegraphics[width=\linewidth]{params}

\noindent\includegraphics[width=\linewidth]{macs}
\end{document}
"""
TABLE = """Method,Scale,Params [K],MACs [G],Set5 PSNR/SSIM
CARN [2],4,"1,592",90.9,32.13/0.8937
IMDN [8],4,715,40.9,32.21/0.8948
LiteNet (Ours),4,500,30.1,**32.30**/**0.8950**
"""


def run(script: str, folder: Path) -> str:
    """What ``docs/users/SCRIPT`` prints in ``folder``, with ``srbench`` of this interpreter."""
    tool = folder / "bin" / "srbench"
    tool.parent.mkdir()
    tool.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m srbench.cli "$@"\n', encoding="utf-8")
    tool.chmod(tool.stat().st_mode | stat.S_IEXEC)
    root = os.pathsep.join(filter(None, (str(DOCS.parent), os.environ.get("PYTHONPATH", ""))))
    env = {**os.environ, "PATH": f"{tool.parent}{os.pathsep}{os.environ['PATH']}", "PYTHONPATH": root}
    done = subprocess.run(
        ["sh", DOCS / "users" / script], cwd=folder, env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_folders_of_pngs(tmp_path: Path) -> None:
    drawn = np.random.default_rng(0)
    for name in ("baby", "bird"):
        hr = drawn.integers(0, 256, (48, 48, 3), dtype=np.uint8)
        made = {folder: np.clip(hr.astype(int) + more, 0, 255) for folder, more in (("HR", 0), ("SR", 9), ("SR2", 12))}
        for folder, image in made.items():
            (tmp_path / folder).mkdir(exist_ok=True)
            PIL.Image.fromarray(image.astype(np.uint8)).save(tmp_path / folder / f"{name}.png")
    printed = run("pngs.sh", tmp_path)
    assert "baby" in printed
    assert "| ours |" in (tmp_path / "table.md").read_text(encoding="utf-8")
    assert (tmp_path / "crops" / "figure.pdf").is_file()
    assert json.loads((tmp_path / "rgb.json").read_text(encoding="utf-8"))


def test_the_costs_of_an_own_network(tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text(NET, encoding="utf-8")
    run("engineer.sh", tmp_path)
    assert "1344" in (tmp_path / "costs.json").read_text(encoding="utf-8")  # 3 x 48 x 9 weights and 48 biases
    assert (tmp_path / "imdn.pt").is_file()


@pytest.mark.usefixtures("mirror")
def test_the_table_and_the_figures_of_a_paper(tmp_path: Path) -> None:
    import torch

    (tmp_path / "net").mkdir()
    (tmp_path / "weights").mkdir()
    for name, text in {
        "net/__init__.py": "",
        "net/model.py": AUTHORS_NET,
        "net/blocks.py": BLOCKS,
        "paper.tex": PAPER,
    }.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    for scale in (2, 3, 4):
        channels = 3 * scale**2
        weights = {"module.body.0.weight": torch.zeros(channels, 3, 1, 1), "module.body.0.bias": torch.zeros(channels)}
        torch.save({"params_ema": weights, "params": {}}, tmp_path / "weights" / f"litenet_x{scale}.pth")
    run("author.sh", tmp_path)
    rows = [line for line in (tmp_path / "table.tex").read_text(encoding="utf-8").splitlines() if "&" in line]
    blocks = [rows[at : at + 3] for at in range(len(rows) - 9, len(rows), 3)]
    for block, quality in zip(blocks, ("33.", "30.", "28."), strict=True):
        assert ["CARN" in block[0], "RCAN" in block[1], "(ours)" in block[2]] == [True] * 3, block
        assert f" {quality}" in block[2], "about what bicubic gives, so range and key are right"
    for name in ("params.pdf", "macs.pdf"):
        assert (tmp_path / name).read_bytes().startswith(b"%PDF")
    if shutil.which("pdflatex"):
        assert "Overfull" not in (tmp_path / "paper.log").read_text(encoding="utf-8", errors="replace")


def test_a_new_paper_in_a_repository_of_leaderboards(tmp_path: Path) -> None:
    write_starter("lab", tmp_path, {"title": "Ours", "requirement": "srbench"})
    (tmp_path / "table.csv").write_text(TABLE, encoding="utf-8")
    printed = run("maintainer.sh", tmp_path)
    assert "rows of registered models: CARN [2] (carn), IMDN [8] (imdn)" in printed
    assert "1 published tables with 12 cells" in printed
    assert "LiteNet (Ours)" in (tmp_path / "site" / "litenet2026.html").read_text(encoding="utf-8")


def test_a_reviewer_is_told_of_a_mark_that_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "table.csv").write_text(TABLE.replace("**32.30**", "**32.20**"), encoding="utf-8")
    assert "marks of best" in run("reviewer.sh", tmp_path)


@pytest.mark.parametrize("page", sorted(DOCS.glob("*.md")), ids=lambda page: page.name)
def test_every_command_exists_and_every_link_has_its_file(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    code = "\n".join([*re.findall(r"```sh\n(.*?)```", text, re.DOTALL), *re.findall(r"(?<!`)`([^`\n]+)`(?!`)", text)])
    verbs = set(re.findall(r"^srbench ([a-z-]+)", code, re.MULTILINE))
    context = app.make_context("srbench", [], resilient_parsing=True)
    added = set(re.findall(r"^@click.command\(\"([a-z-]+)\"", text, re.MULTILINE))  # by a plugin that the page shows
    assert verbs - added - set(app.list_commands(context)) == set()
    for target in re.findall(r"\]\(([a-z/.-]+)\)", text):
        assert (DOCS / target).is_file(), target


def test_the_protocols_of_one_image_are_what_the_page_says() -> None:
    from srbench.datasets import open_dataset
    from srbench.imaging import imresize
    from srbench.metrics.conventions import score_conventions

    text = (DOCS / "protocols.md").read_text(encoding="utf-8")
    said = dict(re.findall(r"^\| `([a-z0-9@-]+)` \| (\d\d\.\d\d) \|", text, re.MULTILINE))
    assert len(said) == 6
    (pair,) = (one for one in open_dataset("embedded", 4).images if one.name == "astronaut")
    lr, hr = pair.load()
    found = {row.convention.key: row.psnr for row in score_conventions([lambda: (imresize(lr, 4), hr)], 4)}
    assert {key: f"{found[key]:.2f}" for key in said} == said


@pytest.mark.parametrize("picture", sorted((DOCS / "pictures").glob("*.png")), ids=lambda picture: picture.name)
def test_pictures_are_small(picture: Path) -> None:
    assert picture.stat().st_size < 150_000
