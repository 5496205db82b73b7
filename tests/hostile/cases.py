"""The table of hostile cases, ``cases/KIND.toml``: commands, exit codes, words that they say, environments."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from pathlib import Path

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

FOLDER = Path(__file__).parent / "cases"


@dataclass(frozen=True)
class Case:
    """A command line without ``srbench``; its exit code; words on stdout or stderr; variables that are set for it.

    ``shell``: run by a shell in a process of its own, where ``S`` stands for srbench; else behind the guard in this
    process, in the folder of :mod:`world`.
    """

    kind: str
    line: str
    code: int
    words: str
    environment: dict[str, str] = field(default_factory=dict)
    shell: bool = False
    user: bool = False
    """Run as a user who is not root, because root may do anything."""

    @property
    def name(self) -> str:
        """Kind and line, for people."""
        setting = "".join(f" {key}={value}" for key, value in self.environment.items())
        return ascii(f"{self.kind}: {self.line}{setting}")[1:-1]


def read_all() -> tuple[Case, ...]:
    """Every case of every file, in order."""
    found: list[Case] = []
    for file in sorted(FOLDER.glob("*.toml")):
        data = tomllib.loads(file.read_text(encoding="utf-8"))
        for group in data["group"]:
            setting = {key: group[key] for key in ("environment", "shell", "user") if key in group}
            found += [
                Case(file.stem.partition("-")[0], _line(row[0], group), row[1], row[2], **setting)
                for row in group["cases"]
            ]
    return tuple(found)


def _line(text: str, group: dict[str, object]) -> str:
    return str(group.get("line", "{}")).replace("{}", text)
