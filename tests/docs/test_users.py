"""The scripts of the documentation, run as they stand; and that its pages name no verb that there is not."""

from __future__ import annotations

import json
import os
import re
import stat
import subprocess
import sys
from pathlib import Path

import numpy as np
import PIL.Image
import pytest

from srbench.cli.main import app

DOCS = Path(__file__).resolve().parents[2] / "docs"
NET = """from torch import nn


class Net(nn.Sequential):
    def __init__(self, scale=4):
        super().__init__(nn.Conv2d(3, 3 * scale**2, 3, padding=1), nn.PixelShuffle(scale))
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
        for folder, image in (("HR", hr), ("SR", np.clip(hr.astype(int) + 9, 0, 255).astype(np.uint8))):
            (tmp_path / folder).mkdir(exist_ok=True)
            PIL.Image.fromarray(image).save(tmp_path / folder / f"{name}.png")
    printed = run("pngs.sh", tmp_path)
    assert "baby" in printed
    assert json.loads((tmp_path / "rgb.json").read_text(encoding="utf-8"))


def test_the_costs_of_an_own_network(tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text(NET, encoding="utf-8")
    run("engineer.sh", tmp_path)
    assert "1344" in (tmp_path / "costs.json").read_text(encoding="utf-8")  # 3 x 48 x 9 weights and 48 biases


@pytest.mark.parametrize("page", sorted(DOCS.glob("*.md")), ids=lambda page: page.name)
def test_every_command_exists_and_every_link_has_its_file(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    code = "\n".join([*re.findall(r"```sh\n(.*?)```", text, re.DOTALL), *re.findall(r"(?<!`)`([^`\n]+)`(?!`)", text)])
    verbs = set(re.findall(r"^srbench ([a-z-]+)", code, re.MULTILINE))
    context = app.make_context("srbench", [], resilient_parsing=True)
    assert verbs - set(app.list_commands(context)) == set()
    for target in re.findall(r"\]\(([a-z/.]+)\)", text):
        assert (DOCS / target).is_file(), target
