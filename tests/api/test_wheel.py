"""An installed wheel carries the data that srbench works on."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "-q",
        "--no-deps",
        "--no-build-isolation",
        "-w",
        str(folder),
        str(ROOT),
    ]
    subprocess.run(command, check=True, timeout=240)
    (file,) = folder.glob("*.whl")
    return file


def test_it_holds_leaderboards_reports_and_weights(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {
        "srbench/_data/leaderboards/published/imdn2019/t5.csv",
        "srbench/_data/reports/specs/imdn2019.toml",
        "srbench/models/bundled/rfdn_x4.safetensors",
        "srbench/report/starters/lab/dot-github/actions/check-results/action.yml.j2",
        "srbench/report/starters/model/PACKAGE/__init__.py.j2",
        "srbench/training/recipes/common.toml",
        "srbench/datasets/manifests/set5.csv",
        "srbench/py.typed",
    } <= names
    assert not [name for name in names if name.startswith("tests/")]


def test_it_is_the_same_bytes_from_another_checkout_at_another_time(wheel: Path, tmp_path: Path) -> None:
    """Neither times, nor rights of files, nor the folder, nor the umask are in it."""
    source = tmp_path / "elsewhere"
    for name in ("srbench", "leaderboards", "reports"):
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE", ".gitignore"):
        shutil.copy(ROOT / name, source / name)
    for path in source.rglob("*"):
        os.utime(path, (10**9, 10**9))
        if path.is_file():
            path.chmod(0o600)
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path / "again")]
    subprocess.run(command, cwd=source, check=True, timeout=240, umask=0o077, stdout=subprocess.DEVNULL)
    (again,) = (tmp_path / "again").glob("*.whl")
    assert again.name == wheel.name
    assert again.read_bytes() == wheel.read_bytes()


def test_it_is_under_12_mb(wheel: Path) -> None:
    assert wheel.stat().st_size < 12e6


def test_it_regenerates_a_report_without_the_checkout(wheel: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path)
    code = (
        f"import sys; sys.path.insert(0, {str(tmp_path)!r}); sys.argv = ['srbench', 'report', 'common-recipe', "
        "'--format', 'markdown']; import srbench.cli.main as m; assert m.__file__.startswith(sys.path[0]); m.main()"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, timeout=240, check=True
    )
    committed = (ROOT / "reports" / "common-recipe" / "tables.md").read_text(encoding="utf-8")
    assert run.stdout.strip() == committed.strip()
