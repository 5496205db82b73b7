"""Fixtures for all tests: the mirror of released weights and test images, when it is at hand."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

ASSETS = Path(os.environ.get("SRBENCH_TEST_ASSETS", Path(__file__).resolve().parents[2] / "shared" / "assets"))


@pytest.fixture(scope="session")
def assets() -> Path:
    """Folder of released weights and test images by URL path; tests skip without it."""
    if not (ASSETS / "MANIFEST.csv").is_file():
        pytest.skip(f"no mirror of released weights and test images at {ASSETS} (set SRBENCH_TEST_ASSETS)")
    return ASSETS


@pytest.fixture
def mirror(assets: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Point SRBENCH_MIRROR at the assets, with an empty cache of its own."""
    url = assets.resolve().as_uri()
    monkeypatch.setenv("SRBENCH_MIRROR", url)
    monkeypatch.setenv("SRBENCH_HOME", str(tmp_path / "srbench-home"))
    monkeypatch.delenv("SRBENCH_OFFLINE", raising=False)
    return url


@pytest.fixture(autouse=True, scope="session")
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What fixtures of a whole file make goes into a cache of this session, never into the user's."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("SRBENCH_HOME", str(tmp_path_factory.mktemp("srbench-home")))
        yield


@pytest.fixture(autouse=True)
def _no_accidental_network(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Tests open no socket and see an empty cache unless they say otherwise."""
    if "SRBENCH_MIRROR" not in os.environ:
        monkeypatch.setenv("SRBENCH_OFFLINE", "1")
    monkeypatch.setenv("SRBENCH_HOME", str(tmp_path / "srbench-home"))
