"""What the checks of all platforms share: a bundle opened as a folder, and questions about its files."""

from __future__ import annotations

import contextlib
import datetime
import re
import shlex
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from srbench.challenge.platforms.carried import names_imported
from srbench.challenge.score.archive import UnreadableError, open_contents
from srbench.challenge.score.plan import Limits, Plan, PlanError, plan_from_json
from srbench.challenge.score.png import PngError
from srbench.challenge.score.references import open_references
from srbench.challenge.verdict import Problem
from srbench.errors import SrbenchError

_OWN_WORDS = re.compile(r"\$(?:input|output|program|predictions|hidden|tmp)\b")
_SHELL = re.compile(r"&&|\|\||[|;<>`*?]|\$")
_PROVIDED = frozenset({"numpy", "PIL", "srbench_score", "yaml"})


_MISSHAPEN = (AttributeError, LookupError, TypeError, ValueError, SyntaxError, RecursionError, MemoryError, OSError)
"""What going through a stranger's YAML, JSON or Python raises where a value is of another kind than expected."""


def wrong(what: str, expected: str = "", found: str = "", mend: str = "") -> Problem:
    """A problem of a bundle."""
    return Problem("platform", what, expected, found, mend, "organiser")


@contextlib.contextmanager
def bundle_folder(bundle: Path) -> Iterator[Path]:
    """The files of a bundle, a folder or a zip, as a folder.

    Raises:
        SrbenchError: it is neither, or its zip is refused.
    """
    if bundle.is_dir():
        yield bundle
        return
    if not bundle.is_file():
        raise SrbenchError(f"bundle '{bundle}' does not exist; give the zip or the folder that 'bundle' wrote.")
    limits = Limits(archive_bytes=1 << 40, total_bytes=1 << 40, file_bytes=1 << 36, entries=100_000)
    with open_contents(bundle, limits) as contents, tempfile.TemporaryDirectory() as temporary:
        if contents.problems:
            raise SrbenchError(f"'{bundle}' is no bundle: {contents.problems[0].sentence()}")
        for path in contents.sizes:
            target = Path(temporary) / path
            try:
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(contents.read(path, limits.file_bytes))
            except UnreadableError as error:
                raise SrbenchError(f"'{bundle}' is no bundle: {error.problem.sentence()}") from error
            except OSError as error:  # a name that is a file and a folder, or too long
                raise SrbenchError(
                    f"'{bundle}' is no bundle: '{path}' cannot be unpacked: {error.strerror}."
                ) from error
        yield Path(temporary)


def load_yaml(file: Path, problems: list[Problem]) -> dict[str, Any]:
    """The mapping of a YAML file in a bundle's root; empty with a problem where there is none."""
    import yaml

    if not file.is_file():
        inside = sorted(str(p.relative_to(file.parent)) for p in file.parent.rglob(file.name))
        if inside:
            mend = "zip the files, not their folder"
            problems.append(wrong(f"{file.name} is not in the root", found=f"'{inside[0]}'", mend=mend))
        else:
            problems.append(wrong(f"{file.name} is nowhere in it", mend="give the zip or folder that 'bundle' wrote"))
        return {}
    try:
        found = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (yaml.YAMLError, RecursionError, ValueError, TypeError, LookupError, AttributeError) as error:
        first = (str(error).splitlines() or [type(error).__name__])[0]  # its constructors raise these for odd scalars
        problems.append(wrong(f"{file.name} is no YAML", found=first[:200]))
        return {}
    if not isinstance(found, dict):
        problems.append(wrong(f"{file.name} holds no mapping"))
        return {}
    return found


def need_file(root: Path, name: Any, role: str, problems: list[Problem]) -> Path | None:
    """A file that a bundle names, which has to be there and hold something."""
    if not isinstance(name, str) or not name:
        problems.append(wrong(f"{role} is missing", mend="name a file of the bundle"))
        return None
    path = root / name
    if not path.exists() or not path.resolve().is_relative_to(root.resolve()):
        problems.append(wrong(f"{role} '{name}' is not in the bundle"))
        return None
    if path.is_file() and path.stat().st_size == 0:
        problems.append(wrong(f"{role} '{name}' is empty"))
        return None
    return path


def as_time(value: Any) -> datetime.datetime | None:
    """A YAML time or date, or its text; None for anything else."""
    if isinstance(value, datetime.datetime):
        return value.replace(tzinfo=None)
    if isinstance(value, datetime.date):
        return datetime.datetime.combine(value, datetime.time())
    with contextlib.suppress(TypeError, ValueError):
        return datetime.datetime.fromisoformat(value).replace(tzinfo=None)
    return None


def check_command(command: Any, problems: list[Problem], where: str, *, placeholders: bool) -> None:
    """A program's command is split into words and started; no shell ever sees it."""
    if not isinstance(command, str) or not command.strip():
        problems.append(wrong(f"{where} has no command"))
        return
    plain = _OWN_WORDS.sub("", command) if placeholders else command
    odd = _SHELL.search(plain)
    if odd:
        mend = "this is not a shell: write one program and its arguments"
        problems.append(wrong(f"the command of {where} holds '{odd.group()}'", found=command, mend=mend))
    try:
        shlex.split(command)
    except ValueError as error:
        problems.append(wrong(f"the command of {where} cannot be split into words", found=str(error)))


def check_program(folder: Path, problems: list[Problem], where: str) -> Plan | None:
    """The scoring program can be read by Python 3.9 and imports only what it brings, numpy and Pillow; its plan."""
    import sys

    for file in sorted(folder.rglob("*.py")):
        try:
            strange = names_imported(file.read_text(encoding="utf-8")) - _PROVIDED - set(sys.stdlib_module_names)
        except SyntaxError as error:
            problems.append(wrong(f"{where}: Python 3.9 cannot read {file.name}", found=str(error)))
            continue
        if strange:
            problems.append(
                wrong(f"{where}: {file.name} imports {', '.join(sorted(strange))}", mend="not in the image")
            )
    try:
        return plan_from_json((folder / "plan.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        problems.append(wrong(f"{where}: plan.json is missing", mend="write the bundle again"))
    except PlanError as error:
        problems.append(wrong(f"{where}: {error}"))
    return None


Where = tuple[str, list[Problem]]
"""What is looked at, in words, and where its problems go."""

Look = Callable[[Path, dict[str, Any], list[Problem]], None]
"""What looks through an unpacked bundle: its folder, what its main file holds, and where problems go."""


def check_bundle(bundle: Path, main_file: str, look: Look) -> list[Problem]:
    """Everything that ``look`` finds in a bundle; a main file that cannot be read is a problem by itself.

    Raises:
        SrbenchError: the bundle cannot be opened.
    """
    problems: list[Problem] = []
    with bundle_folder(bundle) as root:
        content = load_yaml(root / main_file, problems)
        try:
            if content:
                look(root, content, problems)
        except _MISSHAPEN as error:
            found = f"{type(error).__name__}: {error}"[:200]
            problems.append(wrong(f"{main_file}, or a file that it names, is not laid out as the platform reads it",
                                  found=found, mend="write the bundle again"))  # fmt: skip
    return problems


def check_given_references(root: Path, holder: dict[str, Any], key: str, plan: Plan | None, where: Where) -> None:
    """The references that ``holder`` names under ``key``; giving none is a problem.

    Args:
        root: of the unpacked bundle.
        holder: a task or phase.
        key: under which the references are named.
        plan: of the scoring program; None where it has none.
        where: who names them, and where problems go.
    """
    name, problems = where
    if key not in holder:
        problems.append(wrong(f"{name} has no {key}", mend="give --references"))
        return
    check_references(need_file(root, holder[key], f"{key} of {name}", problems), plan, problems, name)


def check_references(path: Path | None, plan: Plan | None, problems: list[Problem], where: str) -> None:
    """Every reference is an 8-bit RGB PNG, and none is missing."""
    if path is None or plan is None:
        return
    with open_references(path, plan) as references:
        problems += references.problems
        names = sorted(references.images.values())
        if named_like_lr(names, plan.scale):
            what = f"the references of {where} look like LR images: all names end in x{plan.scale}"
            mend = "give the folder of the HR images; where these are HR images, rename them"
            problems.append(Problem("references", what, "0801.png", names[0], mend, "organiser"))
        for stem in references.images:
            try:
                references.read(stem)
            except PngError as error:
                problems.append(wrong(f"{where}: reference {stem}: {error.what}", error.expected, error.found))


def named_like_lr(names: Sequence[str], scale: int) -> bool:
    """Whether all images are named as LR images are: ``0801x4.png``."""
    return bool(names) and all(re.search(rf"x{scale}\.png$", name, re.IGNORECASE) for name in names)


@contextlib.contextmanager
def unpacked(path: Path | None) -> Iterator[Path | None]:
    """A program that a bundle holds as a folder or a zip, as a folder."""
    if path is None or path.is_dir():
        yield path
    elif not zipfile.is_zipfile(path):
        yield None
    else:
        with bundle_folder(path) as folder:
            yield folder


def compare_columns(keys: set[str], plan: Plan | None, problems: list[Problem], where: str) -> None:
    """The leaderboard's columns are those that the scorer writes."""
    if plan is None:
        return
    written = {column.key for column in plan.columns}
    if keys - written:
        problems.append(wrong(f"{where}: columns never written: {', '.join(sorted(keys - written))}"))
    if written - keys:
        problems.append(wrong(f"{where}: written but in no column: {', '.join(sorted(written - keys))}"))
