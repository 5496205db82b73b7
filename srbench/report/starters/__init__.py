"""Folders to start from: ``lab`` (a lab's own leaderboard) and ``model`` (a package with one network), as templates.

Variables stand between ``<<`` and ``>>``, because braces mean something in workflows; ``dot-`` begins the name of a
file or folder that begins with a dot, and ``PACKAGE`` in a path is the name of the package.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import jinja2

from srbench.errors import SrbenchError
from srbench.writing import write_text

_FOLDER = Path(__file__).parent
_SUFFIX = ".j2"


def write_starter(name: str, target: Path, values: Mapping[str, str]) -> list[Path]:
    """Write the folder ``name`` into ``target``, which is made; returns the files in their order.

    Raises:
        SrbenchError: ``target`` is a file, or a folder that holds anything; nothing is written then.
    """
    if target.exists() and not target.is_dir():
        raise SrbenchError(f"'{target}' is a file; give the name of a new folder.")
    if target.is_dir() and any(entry.name != ".git" for entry in target.iterdir()):
        raise SrbenchError(f"'{target}' is not empty, and nothing in it is overwritten; give the name of a new folder.")
    environment = jinja2.Environment(
        variable_start_string="<<", variable_end_string=">>", block_start_string="<%", block_end_string="%>",
        comment_start_string="<#", comment_end_string="#>", undefined=jinja2.StrictUndefined,
        keep_trailing_newline=True, autoescape=False,
    )  # fmt: skip
    written = []
    base = _FOLDER / name
    for file in sorted(base.rglob(f"*{_SUFFIX}")):
        parts = file.relative_to(base).with_suffix("").parts
        places = (part.replace("PACKAGE", values.get("package", "")) for part in parts)
        path = target.joinpath(*(f".{part[4:]}" if part.startswith("dot-") else part for part in places))
        write_text(path, environment.from_string(file.read_text(encoding="utf-8")).render(**values))
        written.append(path)
    return written
