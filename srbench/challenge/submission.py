"""What a submission is, told from its files without running anything: results, or a model as participants send it."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from srbench.challenge.score.archive import Contents, UnreadableError
from srbench.challenge.score.names import common_folder, is_ignored
from srbench.challenge.verdict import Problem, printable

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

DESCRIPTION = "submission.toml"
WEIGHTS_SUFFIXES = (".pth", ".pt", ".ckpt", ".safetensors", ".pkl", ".onnx", ".pt2")
_TEAM = re.compile(r"(?:team[_-]?)?(?P<number>\d+)_(?P<name>\w+)$", re.IGNORECASE)
MOST_SOURCE_BYTES = 4 << 20

_WRITTEN = {
    "data_range": "a number, such as 255.0",
    "multiple": "a whole number of at least 1, such as 16",
    "tile": "two whole numbers, such as [256, 32]",
    "strict": "true or false",
    "arguments": "a table, such as { nf = 48, blocks = 4 }",
}
"""What the keys of the description want; the others want text."""

Kind = Literal["results", "model"]


class Description(BaseModel):
    """``submission.toml``: what the files of a model submission do not say themselves."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = ""
    class_name: str = Field(default="", alias="class")
    arguments: dict[str, Any] = Field(default_factory=dict)
    file: str = ""
    weights: str = ""
    key: str = ""
    strict: bool = True
    data_range: float = 1.0
    multiple: int = Field(default=1, ge=1)
    tile: tuple[int, int] | None = None
    contact: str = ""


@dataclass(frozen=True)
class ModelSubmission:
    """The files of a model submission; paths as they are inside the archive, None where they were not found."""

    model_file: str | None
    weights_file: str | None
    sources: tuple[str, ...]
    description: Description
    team: str = ""
    problems: tuple[Problem, ...] = ()
    folder: str = field(default="", compare=False)
    """The common folder that all files lie in, with its slash."""


def kind_of(paths: list[str]) -> Kind:
    """Whether files look like a model submission (code or weights among them) or like results."""
    for path in paths:
        if is_ignored(path):
            continue
        name = PurePosixPath(path)
        if name.name == DESCRIPTION or name.suffix.lower() in (".py", *WEIGHTS_SUFFIXES):
            return "model"
    return "results"


def read_model_submission(contents: Contents) -> ModelSubmission:
    """Find the model's file and its weights: ``models/teamNN_Name.py`` and ``model_zoo/teamNN_Name.pth``.

    Nothing is raised: what is missing or not understood is in ``problems``.
    """
    paths = [path for path in contents.sizes if not is_ignored(path)]
    folder = common_folder(paths)
    if folder.startswith(("models/", "model_zoo/")):
        folder = ""
    inside = {path[len(folder) :]: path for path in paths}
    problems: list[Problem] = []
    description = _description(contents, inside.get(DESCRIPTION), problems)
    model = _model_file(inside, description, problems)
    weights = _weights_file(inside, model, description, problems)
    team = _TEAM.match(PurePosixPath(model).stem) if model else None
    if model and team is None and not description.file:
        what = f"'{printable(model)}' is not named after a team"
        problems.append(Problem("names", what, "models/teamNN_Name.py", mend="rename it, and its weights alike"))
    sources = tuple(inside[name] for name in sorted(inside) if name.endswith(".py"))
    return ModelSubmission(
        inside.get(model or ""),
        inside.get(weights or ""),
        sources,
        description,
        team.group("number") if team else "",
        tuple(problems),
        folder,
    )


def _description(contents: Contents, path: str | None, problems: list[Problem]) -> Description:
    if path is None:
        return Description()
    try:
        text = contents.read(path, MOST_SOURCE_BYTES).decode("utf-8")
        return Description.model_validate(tomllib.loads(text))
    except UnreadableError as error:
        problems.append(error.problem)
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        problems.append(Problem("code", f"{DESCRIPTION} is no TOML", found=printable(str(error))))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        text = "is no key of it" if first["type"] == "extra_forbidden" else printable(first["msg"])
        what = f"{DESCRIPTION}: '{printable(where)}': {text}"
        problems.append(Problem("code", what, mend=_mending(str(first["loc"][0]) if first["loc"] else "")))
    return Description()


def _mending(key: str) -> str:
    """What may be written for a key of the description; all keys where there is none of that name."""
    known = {field.alias or name for name, field in Description.model_fields.items()}
    if key not in known:
        return f"it may say {', '.join(sorted(known))}"
    return f"write {_WRITTEN.get(key, 'text in quotes')}"


def _model_file(inside: dict[str, str], description: Description, problems: list[Problem]) -> str | None:
    if description.file:
        if description.file in inside:
            return description.file
        problems.append(Problem("names", f"{DESCRIPTION} names '{printable(description.file)}', which is not there"))
        return None
    found = [n for n in sorted(inside) if re.fullmatch(r"models/[^/]+\.py", n) and not n.endswith("__init__.py")]
    named = [name for name in found if _TEAM.match(PurePosixPath(name).stem)]
    if len(named or found) == 1:
        return (named or found)[0]
    what = f"{len(named or found)} model files" if found else "no model file"
    shown = ", ".join(map(printable, found[:5])) or ", ".join(printable(n) for n in sorted(inside)[:5])
    mend = f"send one file models/teamNN_Name.py, or name it as file in {DESCRIPTION}"
    problems.append(Problem("names", what, "one models/teamNN_Name.py", shown, mend))
    return None


def _weights_file(
    inside: dict[str, str], model: str | None, description: Description, problems: list[Problem]
) -> str | None:
    if description.weights:
        if description.weights in inside:
            return description.weights
        problems.append(Problem("names", f"{DESCRIPTION} names '{printable(description.weights)}', which is not there"))
        return None
    found = [name for name in sorted(inside) if name.lower().endswith(WEIGHTS_SUFFIXES)]
    stem = PurePosixPath(model).stem.lower() if model else ""
    own = [name for name in found if PurePosixPath(name).stem.lower() == stem]
    if len(own or found) == 1:
        return (own or found)[0]
    wanted = f"model_zoo/{PurePosixPath(model).stem}.pth" if model else "one model_zoo/teamNN_Name.pth"
    shown = ", ".join(map(printable, found[:5])) or "none"
    mend = f"send one file of weights, or name it as weights in {DESCRIPTION}"
    problems.append(Problem("names", f"{len(own or found)} files of weights", wanted, shown, mend))
    return None
