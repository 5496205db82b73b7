"""The registry of challenge rules and the reader of ``rules.toml``."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

from pydantic import ValidationError

from srbench.errors import SrbenchError
from srbench.paths import leaderboards_dir
from srbench.registry import Registry
from srbench.rules.schema import Rules

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib


def read_rules(path: str | Path) -> Rules:
    """Read a ``rules.toml``.

    Raises:
        SrbenchError: the file is missing, is not TOML, or breaks the schema; says where.
    """
    file = Path(path)
    try:
        return Rules.model_validate(tomllib.loads(file.read_text(encoding="utf-8")))
    except OSError as error:
        raise SrbenchError(f"cannot read the rules '{file}': {error.strerror or error}.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise SrbenchError(f"'{file}' is not TOML: {error}.") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "rules"
        raise SrbenchError(f"'{file}' breaks the schema of rules: {where}: {first['msg']}.") from error


def _shipped() -> Iterable[Rules]:
    folder = leaderboards_dir() / "challenges"
    return sorted((read_rules(file) for file in folder.glob("*/rules.toml")), key=lambda rules: (rules.year, rules.id))


RULES: Registry[Rules] = Registry("challenge", Rules, built_in=_shipped, group="srbench.rules")
"""All known rules by id, oldest first; entry points of group ``srbench.rules`` add others."""


def get_rules(reference: str | Path | Rules) -> Rules:
    """Rules by id ("ntire2022-esr"), or read from a ``rules.toml`` where a path to one is given.

    Raises:
        SrbenchError: unknown id (names the nearest), or a file that breaks the schema.
    """
    if isinstance(reference, Rules):
        return reference
    if isinstance(reference, Path) or str(reference).endswith(".toml"):
        return read_rules(reference)
    return RULES.get(reference)
