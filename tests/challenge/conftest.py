"""The repository under ``found/`` is written as organisers have theirs: nobody imports or tidies it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

collect_ignore_glob = ["found/*"]
FOUND = Path(__file__).parent / "found" / "esr"


@pytest.fixture(scope="session")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the repository with its weights written."""
    folder = tmp_path_factory.mktemp("organisers") / "esr"
    shutil.copytree(FOUND, folder, ignore=shutil.ignore_patterns("__pycache__", "model_zoo"))
    subprocess.run([sys.executable, "make_weights.py"], cwd=folder, check=True, timeout=300)
    return folder
