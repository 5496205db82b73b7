"""Where srbench keeps what it ships (leaderboards, reports) and what it caches."""

from __future__ import annotations

import os
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def _shipped(name: str) -> Path:
    """Folder ``name`` as shipped: inside an installed wheel, or beside the package in a checkout."""
    carried = _PACKAGE / "_data" / name
    return carried if carried.is_dir() else _PACKAGE.parent / name


def leaderboards_dir() -> Path:
    """The folder ``leaderboards/`` (``published/``, ``measured/``, ``challenges/``)."""
    return _shipped("leaderboards")


def reports_dir() -> Path:
    """The folder ``reports/`` (what each report shows, and the tables CI compares)."""
    return _shipped("reports")


def cache_dir() -> Path:
    """Cache of downloaded weights and data: ``$SRBENCH_HOME``, else the platform's cache folder."""
    home = os.environ.get("SRBENCH_HOME")
    if home:
        return Path(home).expanduser()
    import platformdirs

    return Path(platformdirs.user_cache_dir("srbench"))
