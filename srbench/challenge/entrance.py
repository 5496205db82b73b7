"""From paths to entries: an organisers' repository, or model submissions as participants send them."""

from __future__ import annotations

import ast
import re
import sys
import tarfile
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from srbench.challenge.imported import import_repository
from srbench.challenge.spec import EntrySpec
from srbench.challenge.submission import DESCRIPTION, Description
from srbench.errors import SrbenchError
from srbench.models.reference import Reference
from srbench.rules import Rules

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

MOST_FILES = 2000
MOST_BYTES = 2 << 30


@dataclass(frozen=True)
class Options:
    """What the user says about all entries."""

    scale: int
    shims: bool = False
    allow_missing: bool = False


def entries_of(path: Path, rules: Rules, options: Options, scratch: Path) -> tuple[EntrySpec, ...]:
    """The entries of one path: all of a repository, or the one of a submission (folder, zip or tar).

    Raises:
        SrbenchError: it is neither; says what was expected.
    """
    folder = _unpacked(path, scratch) if path.is_file() else path
    if not folder.is_dir():
        raise SrbenchError(f"'{path}' does not exist; give a repository, or a submission as a folder, zip or tar.")
    try:
        repository = import_repository(folder, options.scale, options.shims)
    except SrbenchError:
        return (_submission(folder, path, options),)
    return tuple(entry.model_copy(update={"allow_missing": options.allow_missing}) for entry in repository.entries)


def _unpacked(path: Path, scratch: Path) -> Path:
    """Take an archive apart below ``scratch``; plain files of plain names only, and not more than a limit."""
    target = scratch / re.sub(r"[^A-Za-z0-9._-]+", "_", path.name)
    try:
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                infos = [info for info in archive.infolist() if not info.is_dir()]
                _check([(info.filename, info.file_size, (info.external_attr >> 16) & 0o170000) for info in infos], path)
                for info in infos:
                    with archive.open(info) as source:
                        _copy(source, target / info.filename, info.file_size)
            return _only_folder(target)
        with tarfile.open(path) as archive:
            found = [member for member in archive if not member.isdir()]
            _check([(m.name, m.size, 0o100000 if m.isreg() else 0o120000) for m in found], path)
            for member in found:
                stream = archive.extractfile(member)
                if stream is not None:
                    _copy(stream, target / member.name, member.size)
    except (tarfile.TarError, zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError, EOFError) as error:
        raise SrbenchError(f"'{path}' cannot be taken apart as a zip or tar: {error}.") from error
    return _only_folder(target)


def _check(members: Sequence[tuple[str, int, int]], path: Path) -> None:
    if len(members) > MOST_FILES or sum(size for _, size, _ in members) > MOST_BYTES:
        raise SrbenchError(
            f"'{path}' holds more than {MOST_FILES} files or {MOST_BYTES >> 30} GiB; send the entry alone."
        )
    for name, _, kind in members:
        parts = name.replace("\\", "/").split("/")
        if name.startswith(("/", "\\")) or ".." in parts or ":" in parts[0] or len(name) > 300 or "\\" in name:
            raise SrbenchError(f"'{path}' holds a file called {name!r}, which lies outside of it; pack plain names.")
        if kind not in (0, 0o100000):
            raise SrbenchError(f"'{path}' holds {name!r}, which is no plain file; pack plain files.")


def _copy(source: Any, target: Path, size: int) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("xb") as stream:
        left = size
        while left > 0:
            block = source.read(min(left, 1 << 20))
            if not block:
                break
            stream.write(block)
            left -= len(block)


def _only_folder(target: Path) -> Path:
    inside = [path for path in target.iterdir() if path.name != "__MACOSX"] if target.is_dir() else []
    return (
        inside[0]
        if len(inside) == 1 and inside[0].is_dir() and inside[0].name not in ("models", "model_zoo")
        else target
    )


def _submission(folder: Path, path: Path, options: Options) -> EntrySpec:
    """The entry of a model submission."""
    said = _description(folder)
    file = folder / said.file if said.file else _only(folder / "models", (".py",), path)
    weights = said.weights or _weights(folder, file)
    class_name = said.class_name or _class_in(file)
    team = re.match(r"(?:team)?(\d+)", file.stem)
    reference = Reference(str(file.relative_to(folder)), class_name, (), said.arguments)
    return EntrySpec(
        id=team.group(1) if team else file.stem, title=said.name or file.stem, folder=str(folder.resolve()),
        way="class", scale=options.scale, reference=str(reference), weights=weights, key=said.key, strict=said.strict,
        data_range=said.data_range, multiple=said.multiple, tile=said.tile, shims=options.shims,
        allow_missing=options.allow_missing,
    )  # fmt: skip


def _description(folder: Path) -> Description:
    file = folder / DESCRIPTION
    if not file.is_file():
        return Description()
    try:
        return Description.model_validate(tomllib.loads(file.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SrbenchError(f"'{file}' is no TOML: {error}.") from error
    except ValidationError as error:
        first = error.errors()[0]
        raise SrbenchError(f"'{file}': {'.'.join(map(str, first['loc']))}: {first['msg']}.") from error


def _only(folder: Path, suffixes: tuple[str, ...], path: Path) -> Path:
    found = sorted(file for file in folder.glob("*") if file.suffix in suffixes and file.is_file())
    found = [file for file in found if file.name != "__init__.py"]
    if len(found) != 1:
        raise SrbenchError(
            f"'{path}' is neither an organisers' repository (a loader with an if/elif chain) nor a model submission: "
            f"expected one file models/teamNN_Name.py, found {len(found)}; name the file in {DESCRIPTION}."
        )
    return found[0]


def _weights(folder: Path, file: Path) -> str:
    zoo = folder / "model_zoo"
    found = sorted(f for f in zoo.glob("*") if f.suffix in (".pth", ".pt", ".ckpt", ".safetensors", ".pkl"))
    own = [f for f in found if f.stem.lower() == file.stem.lower()]
    if len(own or found) != 1:
        raise SrbenchError(
            f"'{folder}': expected one file of weights model_zoo/{file.stem}.pth, found {len(found)}; name it in "
            f"{DESCRIPTION}."
        )
    return str((own or found)[0].relative_to(folder))


def _class_in(file: Path) -> str:
    """The class that is named like the file, or the last one that is a network and no other class of it uses."""
    from srbench.models.repository import read_repository

    name = file.stem.partition("_")[2]
    try:
        classes = [node.name for node in ast.parse(file.read_bytes()).body if isinstance(node, ast.ClassDef)]
    except (OSError, SyntaxError, ValueError) as error:
        raise SrbenchError(f"'{file}' is no Python: {error}.") from error
    for one in classes:
        if one.lower() == name.lower():
            return one
    found = [network.class_name for network in read_repository(file.parent).networks if network.file == file.resolve()]
    if len(found) == 1:
        return found[0]
    raise SrbenchError(f"'{file}' has the classes {', '.join(classes) or 'none'}; name the network in {DESCRIPTION}.")
