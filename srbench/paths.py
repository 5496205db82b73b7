"""Where srbench keeps what it ships (leaderboards, reports) and what it caches."""

from __future__ import annotations

import os
from pathlib import Path

from srbench.errors import SrbenchError

_PACKAGE = Path(__file__).resolve().parent
ROOT_VARIABLE = "SRBENCH_ROOT"
"""Environment variable that names the data root; ``--root`` sets it, so that worker processes look there too."""


def data_root() -> Path:
    """The folder that holds ``leaderboards/`` and ``reports/``.

    That of ``--root`` (``$SRBENCH_ROOT``) where it is given; else the working directory if it holds
    ``leaderboards/published``; else what came with srbench: inside an installed wheel, or beside the package in a
    checkout.

    Raises:
        SrbenchError: the folder that was given holds no leaderboards.
    """
    given = os.environ.get(ROOT_VARIABLE)
    if given:
        root = Path(given).expanduser()
        if not _holds_data(root):
            raise SrbenchError(f"'{root}' has no folder leaderboards/published; give --root one that has it.")
        return root
    here = Path.cwd()
    if _holds_data(here):
        return here
    return shipped_root()


def shipped_root() -> Path:
    """What came with srbench: inside an installed wheel, or beside the package in a checkout."""
    carried = _PACKAGE / "_data"
    return carried if carried.is_dir() else _PACKAGE.parent


def own_root() -> Path:
    """The data root, where it is one to write to: that of ``--root`` or the working directory.

    Raises:
        SrbenchError: neither is given.
    """
    if not os.environ.get(ROOT_VARIABLE) and not _holds_data(Path.cwd()):
        raise SrbenchError(
            "the working directory holds no leaderboards/published; go to the repository that has it, give --root DIR, "
            "or start one with srbench init-site DIR."
        )
    return data_root()


def _holds_data(folder: Path) -> bool:
    return (folder / "leaderboards" / "published").is_dir()


def leaderboards_dir() -> Path:
    """The folder ``leaderboards/`` (``published/``, ``measured/``, ``challenges/``) of the data root."""
    return data_root() / "leaderboards"


def reports_dir() -> Path:
    """The folder ``reports/`` (what each report shows, and the tables CI compares) of the data root."""
    return data_root() / "reports"


def cache_dir() -> Path:
    """Cache of downloaded weights and data: ``$SRBENCH_HOME``, else the platform's cache folder."""
    home = os.environ.get("SRBENCH_HOME")
    if home:
        return Path(home).expanduser()
    import platformdirs

    return Path(platformdirs.user_cache_dir("srbench"))
