"""Submissions as they come: a folder, a zip or a tar. Files are read one by one; nothing is ever unpacked to disk.

Sizes, counts and ratios are checked on what an archive says of itself before anything is decompressed, and again while
it is read, since it may lie. Sources: APPNOTE.TXT 6.3.10 (zip), POSIX.1-2001 (tar).
"""

from __future__ import annotations

import contextlib
import os
import stat
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from srbench.challenge.score.names import is_ignored, path_problem
from srbench.challenge.score.plan import Limits
from srbench.challenge.score.tape import Tape, open_tape
from srbench.challenge.score.verdict import Problem, printable

_RATIO_FROM = 1 << 20
_END, _LOCATOR, _END64 = b"PK\x05\x06", b"PK\x06\x07", b"PK\x06\x06"


class UnreadableError(Exception):
    """A file of a submission that cannot be read; the problem says why."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.what)
        self.problem = problem


@dataclass
class Contents:
    """Regular files of a submission by path, in the order in which they are read fastest, with their sizes [bytes].

    ``read(path, most)`` gives a file's bytes and raises :class:`UnreadableError` where it is damaged or longer than
    ``most``. ``problems`` holds everything else that was in there.
    """

    kind: str
    sizes: dict[str, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    read: Callable[[str, int], bytes] = lambda path, most: b""

    def refuse(self, what: str, expected: str = "", found: str = "", mend: str = "", limit: bool = False) -> None:
        """Add a problem of the archive."""
        self.problems.append(Problem("archive", what, expected, found, mend, "limit" if limit else "submission"))

    def add(self, path: str, size: int, limits: Limits) -> bool:
        """Take a file in, unless its name is refused or taken."""
        problem = path_problem(path, limits)
        if problem is not None:
            if not is_ignored(path) or len(path) > limits.name_characters or ".." in path.split("/"):
                self.problems.append(problem)
            return False
        if path in self.sizes:
            stem = printable(path.rpartition("/")[2].rpartition(".")[0])
            self.problems.append(
                Problem("names", f"duplicate {stem}: two entries '{printable(path)}'", mend="zip anew")
            )
            return False
        self.sizes[path] = size
        return True


@contextlib.contextmanager
def open_contents(path: Path, limits: Limits, avoid: frozenset[tuple[int, int]] = frozenset()) -> Iterator[Contents]:
    """Open a folder, zip or tar for reading; what is wrong with it is in its ``problems``, nothing is raised.

    ``avoid`` holds (device, inode) of files that a folder must not contain, such as the references.
    """
    with contextlib.ExitStack() as stack:
        try:
            contents = _open(path, limits, avoid, stack)
        except OSError as error:
            contents = _failed(
                "other", f"'{printable(path.name)}' cannot be read: {error.strerror}", "look at its rights"
            )
        yield contents


def _failed(kind: str, what: str, mend: str, found: str = "") -> Contents:
    contents = Contents(kind)
    contents.refuse(what, found=found, mend=mend)
    return contents


def _open(path: Path, limits: Limits, avoid: frozenset[tuple[int, int]], stack: contextlib.ExitStack) -> Contents:
    if path.is_dir():
        return _folder(path, limits, avoid)
    if not path.exists():
        return _failed("missing", f"'{path.name}' does not exist", "give a folder, a zip or a tar")
    if not path.is_file():
        return _failed("other", f"'{path.name}' is neither a file nor a folder", "give a folder, a zip or a tar")
    size = path.stat().st_size
    if size == 0:
        return _failed("empty", f"'{path.name}' is empty", "upload the archive again")
    if size > limits.archive_bytes:
        contents = Contents("other")
        contents.refuse(
            "the archive is too large", f"at most {limits.archive_bytes} bytes", f"{size} bytes", limit=True
        )
        return contents
    stream = stack.enter_context(path.open("rb"))
    start = stream.read(4)
    if start[:2] == b"PK":
        return _zip(stream, size, limits, stack)
    stream.seek(0)
    tape = open_tape(stream, limits)
    if tape is not None:
        return _tar(stack.enter_context(contextlib.closing(tape)), limits)
    return _failed("other", f"'{path.name}' is neither a zip nor a tar", "give a folder, a zip or a tar")


def _folder(root: Path, limits: Limits, avoid: frozenset[tuple[int, int]]) -> Contents:
    """Files below a folder; links are never followed and nothing but regular files is opened."""
    contents = Contents("folder")
    waiting, seen, total = [""], 0, 0
    while waiting:
        here = waiting.pop()
        for entry in sorted(os.scandir(root / here if here else root), key=lambda e: e.name):
            seen += 1
            if seen > limits.entries:
                contents.refuse("too many files", f"at most {limits.entries}", mend="send images only", limit=True)
                return contents
            inside = f"{here}/{entry.name}" if here else entry.name
            about = entry.stat(follow_symlinks=False)
            if stat.S_ISDIR(about.st_mode):
                _enter(contents, inside, waiting, limits)
            elif not stat.S_ISREG(about.st_mode):
                contents.refuse(f"'{printable(inside)}' is {_named(about.st_mode)}, not a file", mend="copy the image")
            elif (about.st_dev, about.st_ino) in avoid:
                contents.refuse(f"'{printable(inside)}' is a hard link to a reference", mend="send your own images")
            else:
                total += about.st_size
                contents.add(inside, about.st_size, limits)
    if total > limits.total_bytes:
        contents.refuse("too large in all", f"at most {limits.total_bytes} bytes", f"{total} bytes", limit=True)
    contents.sizes = dict(sorted(contents.sizes.items()))
    contents.read = lambda path, most: _read_file(root, path, most)
    return contents


def _enter(contents: Contents, inside: str, waiting: list[str], limits: Limits) -> None:
    """Go into a folder later, unless it is called like an image or lies too deep."""
    if inside.lower().endswith(".png"):
        contents.refuse(f"'{printable(inside)}' is a folder, not a file", mend="give the image itself that name")
    elif inside.count("/") + 1 >= limits.depth:
        contents.refuse(f"'{printable(inside)}' lies deeper than {limits.depth} levels", mend="put images at the top")
    else:
        waiting.append(inside)


def _named(mode: int) -> str:
    kinds = ((stat.S_ISLNK, "a symbolic link"), (stat.S_ISFIFO, "a pipe"), (stat.S_ISSOCK, "a socket"))
    return next((name for test, name in kinds if test(mode)), "a device")


def _read_file(root: Path, path: str, most: int) -> bytes:
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    try:
        with os.fdopen(os.open(root / path, flags), "rb") as stream:
            return _bounded(stream, path, most)
    except OSError as error:
        raise UnreadableError(Problem("archive", f"'{printable(path)}' cannot be read: {error.strerror}")) from error


def _bounded(stream: IO[bytes], path: str, most: int) -> bytes:
    data = stream.read(most + 1)
    if len(data) > most:
        what = f"'{printable(path)}' is too large"
        raise UnreadableError(Problem("archive", what, f"at most {most} bytes", blame="limit"))
    return data


def _zip(stream: IO[bytes], size: int, limits: Limits, stack: contextlib.ExitStack) -> Contents:
    contents = Contents("zip")
    entries, directory = _directory(stream, size)
    if entries is None:
        contents.refuse("the zip is cut short or damaged", found="no end record", mend="upload it again")
        return contents
    if entries > limits.entries or directory > limits.directory_bytes:
        found = f"{entries} entries, {directory} bytes of directory"
        contents.refuse("too many entries", f"at most {limits.entries}", found, "send images only", limit=True)
        return contents
    try:
        archive = stack.enter_context(zipfile.ZipFile(stream))
    except UnicodeDecodeError:
        contents.refuse("the zip holds a name that is not UTF-8", mend="give files plain names, such as 0801x4.png")
        return contents
    except (zipfile.BadZipFile, OSError, ValueError, struct.error, NotImplementedError) as error:
        contents.refuse("the zip is cut short or damaged", found=str(error), mend="upload it again")
        return contents
    infos = _zip_members(archive, contents, limits)
    contents.read = lambda path, most: _read_zip(archive, infos.get(path), path, most)
    return contents


def _directory(stream: IO[bytes], size: int) -> tuple[int | None, int]:
    """Entries and bytes of a zip's central directory as its end record says; None where there is no end record."""
    tail = min(size, 22 + 65535 + 20)
    stream.seek(size - tail)
    data = stream.read(tail)
    at = data.rfind(_END)
    if at < 0 or at + 22 > len(data):
        return None, 0
    entries, directory = struct.unpack_from("<HI", data, at + 10)
    if at >= 20 and data[at - 20 : at - 16] == _LOCATOR:
        (offset,) = struct.unpack_from("<Q", data, at - 12)
        stream.seek(min(offset, size))
        record = stream.read(56)
        if len(record) == 56 and record[:4] == _END64:
            entries, directory = struct.unpack_from("<QQ", record, 32)
    return entries, directory


def _zip_members(archive: zipfile.ZipFile, contents: Contents, limits: Limits) -> dict[str, zipfile.ZipInfo]:
    """Regular files of a zip, in the order in which they are stored; the rest becomes problems."""
    infos: dict[str, zipfile.ZipInfo] = {}
    total = end = 0
    for info in sorted(archive.infolist(), key=lambda each: each.header_offset):
        name = info.orig_filename
        if info.header_offset < end:
            contents.refuse("entries overlap", found=f"at '{printable(name)}'", mend="zip anew", limit=True)
            return {}
        end = info.header_offset + 30 + info.compress_size
        total += info.file_size
        if total > limits.total_bytes:
            contents.refuse("unpacks to too much", f"at most {limits.total_bytes} bytes", limit=True)
            return {}
        mode = info.external_attr >> 16
        if name.endswith("/"):
            problem = path_problem(name, limits)
            contents.problems += [problem] if problem else []
        elif stat.S_IFMT(mode) not in (0, stat.S_IFREG):
            contents.refuse(f"'{printable(name)}' is {_named(mode)}, not a file", mend="zip the image itself")
        elif info.flag_bits & 0x1:
            contents.refuse(f"'{printable(name)}' is encrypted", mend="zip without a password")
        elif _explodes(info, limits):
            found = f"{info.file_size} bytes from {info.compress_size}"
            contents.refuse(f"'{printable(name)}' unpacks to too much", found=found, mend="send PNGs", limit=True)
        elif contents.add(name, info.file_size, limits):
            infos[name] = info
    return infos


def _explodes(info: zipfile.ZipInfo, limits: Limits) -> bool:
    packed = max(1, info.compress_size)
    too_dense = info.file_size > _RATIO_FROM and info.file_size / packed > limits.ratio
    return info.file_size > limits.file_bytes or too_dense


def _read_zip(archive: zipfile.ZipFile, info: zipfile.ZipInfo | None, path: str, most: int) -> bytes:
    if info is None:  # of an archive that is refused as a whole
        raise UnreadableError(Problem("archive", f"'{printable(path)}' is not read, since the zip is refused"))
    try:
        with archive.open(info) as stream:
            return _bounded(stream, path, most)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, RuntimeError) as error:
        what = f"'{printable(path)}' is damaged inside the zip"
        raise UnreadableError(Problem("archive", what, found=str(error), mend="zip and upload it again")) from error


def _tar(tape: Tape, limits: Limits) -> Contents:
    contents = Contents("tar")
    members: dict[str, tarfile.TarInfo] = {}
    seen = total = 0
    try:
        archive = tarfile.open(fileobj=tape, mode="r:", errorlevel=1)  # noqa: SIM115  (the tape is closed by its opener)
        while (member := archive.next()) is not None:
            archive.members = []  # type: ignore[attr-defined]
            seen, total = seen + 1, total + member.size
            if seen > limits.entries or total > limits.total_bytes or member.size > limits.file_bytes:
                found = f"{seen} entries, {total} bytes"
                contents.refuse("unpacks to too much", f"at most {limits.entries} entries", found, limit=True)
                break
            if member.isdir():
                continue
            if not member.isreg() or member.issparse():
                contents.refuse(f"'{printable(member.name)}' is a link or a device, not a file", mend="tar the image")
            elif contents.add(member.name[2:] if member.name.startswith("./") else member.name, member.size, limits):
                members[next(reversed(contents.sizes))] = member
    except tape.errors as error:
        contents.refuse("the tar is cut short or damaged", found=printable(str(error)), mend="upload it again")
    except MemoryError:
        contents.refuse("the tar unpacks to too much", f"at most {limits.total_bytes} bytes", limit=True)
    contents.read = lambda path, most: _read_tar(tape, members[path], path, most)
    return contents


def _read_tar(tape: Tape, member: Any, path: str, most: int) -> bytes:
    if member.size > most:
        what = f"'{printable(path)}' is too large"
        raise UnreadableError(Problem("archive", what, f"at most {most} bytes", f"{member.size} bytes", blame="limit"))
    try:
        tape.seek(member.offset_data)
        data = tape.read(member.size)
    except tape.unreadable as error:
        raise UnreadableError(Problem("archive", f"'{printable(path)}' is damaged", found=str(error))) from error
    if len(data) != member.size:
        raise UnreadableError(Problem("archive", f"'{printable(path)}' is cut short", mend="upload it again"))
    return data
