"""From paths to entries: an organisers' repository, model submissions, or results as participants upload them."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field
from pathlib import Path

from srbench.challenge.imported import import_repository
from srbench.challenge.score.archive import Contents, UnreadableError, open_contents
from srbench.challenge.score.plan import Limits
from srbench.challenge.spec import EntrySpec
from srbench.challenge.submission import DESCRIPTION, ModelSubmission, kind_of, read_model_submission
from srbench.errors import SrbenchError
from srbench.models.reference import Reference

MODEL_LIMITS = Limits(file_bytes=2 << 30, ratio=1000.0)
"""Of archives with models: weights are larger than images, and may be packed better."""


@dataclass(frozen=True)
class Options:
    """What the user says about all entries."""

    scale: int
    shims: bool = False
    allow_missing: bool = False


@dataclass
class Entrants:
    """What paths hold: networks to run, and result archives to score."""

    specs: list[EntrySpec] = field(default_factory=list)
    results: list[Path] = field(default_factory=list)


def entrants_of(paths: tuple[Path, ...], options: Options, scratch: Path) -> Entrants:
    """The entries of all paths; archives are taken apart below ``scratch``.

    Raises:
        SrbenchError: a path is neither a repository nor a submission; says what was expected.
    """
    found = Entrants()
    for path in paths:
        repository = _repository(path, options) if path.is_dir() else None
        if repository is not None:
            found.specs += repository
            continue
        with open_contents(path, MODEL_LIMITS) as contents:
            if contents.problems:
                what = "; ".join(problem.what for problem in contents.problems[:5])
                raise SrbenchError(f"'{path}' cannot be evaluated: {what}; {WANTED}.")
            if not any(_counts(name) for name in contents.sizes):
                raise SrbenchError(f"'{path}' holds neither code nor PNG images; {WANTED}.")
            if kind_of(list(contents.sizes)) == "results":
                found.results.append(path)
                continue
            folder = scratch / f"{len(found.specs):03d}"
            inside = _copied(contents, folder)
            repository = _repository(inside, options)
            found.specs += repository if repository is not None else [_submission(contents, inside, path, options)]
    return found


WANTED = "give an organisers' repository, a model submission or results, each as a folder, zip or tar"


def _counts(path: str) -> bool:
    """Whether a file may belong to a model or to results."""
    return path.lower().endswith(".png") or kind_of([path]) == "model"


def _repository(folder: Path, options: Options) -> list[EntrySpec] | None:
    try:
        repository = import_repository(folder, options.scale, options.shims)
    except SrbenchError:
        return None
    return [entry.model_copy(update={"allow_missing": options.allow_missing}) for entry in repository.entries]


def _copied(contents: Contents, folder: Path) -> Path:
    """Write the files of a submission below ``folder``; returns the one folder that all lie in, or ``folder``."""
    for path in contents.sizes:
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            target.write_bytes(contents.read(path, MODEL_LIMITS.file_bytes))
        except UnreadableError as error:
            raise SrbenchError(error.problem.sentence()) from error
    tops = list(folder.iterdir()) if folder.is_dir() else []
    alone = len(tops) == 1 and tops[0].is_dir() and tops[0].name not in ("models", "model_zoo")
    return tops[0] if alone else folder


def _submission(contents: Contents, folder: Path, path: Path, options: Options) -> EntrySpec:
    """The entry of a model submission."""
    found = read_model_submission(contents)
    if found.problems or found.model_file is None:
        sentences = [problem.sentence() for problem in found.problems] or ["there is no model file"]
        raise SrbenchError(f"'{path}' cannot be evaluated: {'; '.join(sentences[:5])}.")
    description = found.description
    file = folder / found.model_file[len(found.folder) :]
    class_name = description.class_name or _class_in(file)
    reference = Reference(str(file.relative_to(folder)), class_name, (), description.arguments)
    return EntrySpec(
        id=_team(found, file), title=description.name or file.stem, folder=str(folder.resolve()), way="class",
        scale=options.scale, reference=str(reference), weights=(found.weights_file or "")[len(found.folder) :],
        key=description.key, strict=description.strict, data_range=description.data_range,
        multiple=description.multiple, tile=description.tile,
        shims=options.shims, allow_missing=options.allow_missing,
    )  # fmt: skip


def _team(found: ModelSubmission, file: Path) -> str:
    return found.team or re.sub(r"[^A-Za-z0-9._-]+", "_", file.stem)


def _class_in(file: Path) -> str:
    """The class that is named like the file, or the one that is a network and no other class of it uses.

    Raises:
        SrbenchError: no class, or several.
    """
    from srbench.models.repository import read_repository

    name = file.stem.partition("_")[2]
    try:
        classes = [node.name for node in ast.parse(file.read_bytes(), file.name).body if isinstance(node, ast.ClassDef)]
    except (OSError, SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise SrbenchError(f"'{file.name}' is no Python: {error}.") from error
    for one in classes:
        if one.lower() == name.lower():
            return one
    found = [network.class_name for network in read_repository(file.parent).networks if network.file == file.resolve()]
    if len(found) == 1:
        return found[0]
    raise SrbenchError(f"'{file.name}' has the classes {', '.join(classes) or 'none'}; name one in {DESCRIPTION}.")
