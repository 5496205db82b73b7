"""The registry of challenge rules and the reader of ``rules.toml``."""

from __future__ import annotations

import difflib
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from pydantic import BaseModel, ValidationError

from srbench.errors import SrbenchError
from srbench.paths import leaderboards_dir
from srbench.registry import Registry
from srbench.rules.schema import Rules

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib


_SHOWN = 10


def read_rules(path: str | Path) -> Rules:
    """Read a ``rules.toml``.

    Raises:
        SrbenchError: the file is missing, is not TOML, or breaks the schema; says where, and names every missing field.
    """
    file = Path(path)
    try:
        return Rules.model_validate(tomllib.loads(file.read_text(encoding="utf-8")))
    except OSError as error:
        raise SrbenchError(f"cannot read the rules '{file}': {error.strerror or error}.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise SrbenchError(f"'{file}' is not TOML: {error}.") from error
    except ValidationError as error:
        raise SrbenchError(f"'{file}' breaks the schema of rules: {_all_wrong(error)}") from error


def _all_wrong(error: ValidationError) -> str:
    """The first error in full, then every other missing field, then every other field that is wrong."""
    first, *others = error.errors()
    missing = [_place(each) for each in others if each["type"] == "missing"]
    wrong = [_sentence(each) for each in others if each["type"] != "missing"]
    text = f"{_sentence(first, in_full=True)}."
    text += f" Also missing: {', '.join(missing)}." if missing else ""
    return text + (
        f" Also wrong: {'; '.join(wrong[:_SHOWN])}{' and more' if len(wrong) > _SHOWN else ''}." if wrong else ""
    )


def _place(error: ErrorDetails) -> str:
    """The dotted path of an error; places in lists count from 1."""
    return ".".join(str(part + 1) if isinstance(part, int) else part for part in error["loc"])


def _sentence(error: ErrorDetails, in_full: bool = False) -> str:
    """One error in words that need no knowledge of the schema's library."""
    text = error["msg"]
    if error["type"] == "value_error":  # the schema's own words
        text = text.removeprefix("Value error, ")
    elif error["type"] == "extra_forbidden":
        known = _keys_beside(error["loc"])
        near = difflib.get_close_matches(str(error["loc"][-1]), known, n=1)
        meant = f" (did you mean {near[0]}?)" if near else f"; known are {', '.join(known)}" if in_full else ""
        text = f"is no key of the rules{meant}"
    elif error["type"] == "too_short":
        text = "expected at least one"
    return f"{_place(error)}: {text}" if error["loc"] else text


def _keys_beside(place: Sequence[int | str]) -> list[str]:
    """The keys that the schema has where an unknown one stands."""
    model: type[BaseModel] = Rules
    for part in place[:-1]:
        if isinstance(part, str) and part in model.model_fields:
            model = next(iter(_models_in(model.model_fields[part].annotation)), model)
    return [*model.model_fields]


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from _models_in(part)


def _shipped() -> Iterable[Rules]:
    folder = leaderboards_dir() / "challenges"
    return sorted((read_rules(file) for file in folder.glob("*/rules.toml")), key=lambda rules: (rules.year, rules.id))


RULES: Registry[Rules] = Registry("challenge", Rules, built_in=_shipped, group="srbench.rules")
"""All known rules by id, oldest first; entry points of group ``srbench.rules`` add others."""


def source_of(reference: str | Path) -> Path | None:
    """The ``rules.toml`` that rules were read from; None for rules that a package or a plugin registered otherwise."""
    if isinstance(reference, Path) or reference.endswith(".toml"):
        return Path(reference)
    file = leaderboards_dir() / "challenges" / reference / "rules.toml"
    return file if file.is_file() and read_rules(file) == RULES.get(reference) else None


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
