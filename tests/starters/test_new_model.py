"""A package to start from: its test passes as it is, and srbench takes it by file and by entry point."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def run(folder: Path, *words: str | Path) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH", ""))))}
    return subprocess.run(
        [sys.executable, "-m", *map(str, words)], cwd=folder, env=env, capture_output=True, text=True, check=False
    )


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("new") / "srbench-my-net"
    made = run(folder.parent, "srbench.cli", "new-model", "my-net", "--title", "MyNet")
    assert made.returncode == 0, made.stderr
    return folder


def test_its_own_test_passes(package: Path) -> None:
    done = run(package, "pytest", "-q", "tests", "-p", "no:cacheprovider")
    assert done.returncode == 0, done.stdout
    assert "5 passed" in done.stdout


def test_srbench_finds_it_by_its_entry_point_once_installed(package: Path) -> None:
    """What pip writes beside an installed package: a folder with the entry points of its pyproject.toml."""
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    points = tomllib.loads((package / "pyproject.toml").read_text(encoding="utf-8"))["project"]["entry-points"]
    about = package / "srbench_my_net-0.1.0.dist-info"
    about.mkdir()
    lines = [f"[{group}]\n" + "".join(f"{name} = {to}\n" for name, to in of.items()) for group, of in points.items()]
    (about / "entry_points.txt").write_text("".join(lines), encoding="utf-8")
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: srbench-my-net\nVersion: 0.1.0\n", encoding="utf-8")
    listed = run(package, "srbench.cli", "list", "models", "--json")
    assert listed.returncode == 0, listed.stderr
    assert '"my-net"' in listed.stdout


@pytest.mark.parametrize(
    ("name", "sentence"), [("imdn", "is registered already"), ("My Net", "is no name for a model"), ("x", "is no name")]
)
def test_names_that_cannot_be(tmp_path: Path, name: str, sentence: str) -> None:
    done = run(tmp_path, "srbench.cli", "new-model", name)
    assert (done.returncode, list(tmp_path.iterdir())) == (1, [])
    assert sentence in done.stderr
