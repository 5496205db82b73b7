"""Archives and names, cases 1 to 15: every bad input gets a verdict that names the cause, and writes nothing."""

from __future__ import annotations

import io
import os
import socket
import struct
import tarfile
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from srbench.challenge.score.plan import Limits
from srbench.challenge.score.readme import parse_readme

from .builders import STEMS, folder_of, good, plan, png, references, said, score, sr_image, zipped

SR = png(sr_image(0))


@pytest.fixture(scope="module")
def hr(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return references(tmp_path_factory.mktemp("refs") / "hr")


def test_01_a_valid_archive_is_scored(hr: Path, tmp_path: Path) -> None:
    scored = score(zipped(tmp_path / "a.zip", good()), hr)
    assert (scored.verdict.outcome, scored.verdict.exit_code, list(scored.images)) == ("valid", 0, list(STEMS))
    assert scored.declared.runtime == 10.43
    assert (scored.declared.cpu, scored.declared.extra_data) == (1, 0)


def renamed(**changes: str | None) -> dict[str, bytes]:
    """A valid submission with files renamed (by stem), or left out."""
    files = good()
    for stem, name in changes.items():
        data = files.pop(f"{stem.lstrip('_')}x4.png")
        if name:
            files[name] = data
    return files


VALID: dict[str, tuple[Callable[[], dict[str, bytes]], str]] = {
    "02 one top folder": (lambda: {f"results/{n}": d for n, d in good().items()}, "in the folder 'results/'"),
    "02 readme beside the folder": (
        lambda: {n if n.endswith("txt") else f"a/b/{n}": d for n, d in good().items()}, "in the folder 'a/b/'",
    ),
    "03 left by systems": (
        lambda: {**good(), "__MACOSX/._0801x4.png": b"x", ".DS_Store": b"x", "Thumbs.db": b"x", "desktop.ini": b"",
                 "metadata": b"exitCode: 0"},
        "ignored: __MACOSX/._0801x4.png, .DS_Store, Thumbs.db, desktop.ini, metadata",
    ),
    "04 names of HR and a mix": (lambda: renamed(_0801="0801.png", _0803="0803.png"), ""),
    "06 case of the extension": (lambda: renamed(_0801="0801X4.PNG"), ""),
    "15 no readme": (lambda: {n: d for n, d in good().items() if n != "readme.txt"}, "no readme"),
    "15 readme of 10 MB": (lambda: {**good(), "readme.txt": os.urandom(64) * 163_840}, "is not read"),
    "15 binary readme": (lambda: {**good(), "readme.txt": bytes(range(256)) * 4}, "not text"),
}  # fmt: skip


@pytest.mark.parametrize("case", VALID)
def test_valid_submissions(case: str, hr: Path, tmp_path: Path) -> None:
    make, note = VALID[case]
    scored = score(zipped(tmp_path / "a.zip", make()), hr)
    assert scored.verdict.outcome == "valid", said(scored)
    assert note in said(scored)
    assert len(scored.images) == 4


INVALID: dict[str, tuple[Callable[[], object], tuple[str, ...]]] = {
    "05 one missing": (lambda: renamed(_0802=None), ("1 of 4 images missing: 0802",)),
    "05 one extra": (lambda: {**good(), "0899x4.png": SR}, ("'0899x4.png' belongs to no reference",)),
    "05 both, counts equal": (
        lambda: renamed(_0802="0805x4.png"), ("images missing: 0802", "'0805x4.png' belongs to no reference"),
    ),
    "06 not padded": (lambda: renamed(_0801="801x4.png"), ("write the number as 0801",)),
    "06 JPEG by name": (lambda: renamed(_0801="0801x4.jpg"), ("'0801x4.jpg' is no PNG by its name",)),
    "06 another scale": (lambda: renamed(_0801="0801x2.png"), ("'0801x2.png' belongs to no reference", "0801.png")),
    "07 same stem twice": (lambda: {**good(), "0801.png": SR}, ("duplicate 0801",)),
    "07 same entry twice": (lambda: [*good().items(), ("0801x4.png", SR)], ("duplicate 0801x4",)),
    "08 not padded at all": (
        lambda: {**{f"{n}.png": SR for n in range(801, 805)}}, ("none of the 4 images", "write the number as 0801"),
    ),
    "09 leads out": (lambda: {**good(), "../evil.png": SR}, ("'../evil.png' leads out of the archive", "zip -j")),
    "09 absolute": (lambda: {**good(), "/etc/x.png": SR}, ("'/etc/x.png' is an absolute path",)),
    "09 drive": (lambda: {**good(), "C:/x.png": SR}, ("'C:/x.png' is an absolute path",)),
    "09 backslash": (lambda: {**good(), "a\\b.png": SR}, ("has a backslash",)),
    "12 zip in zip": (lambda: {**good(), "more.zip": b"PK"}, ("archive inside the archive",)),
    "14 line break": (lambda: {**good(), "a\nb.png": SR}, (r"'a\nb.png' has control",)),
    "14 direction": (lambda: {**good(), "a\u202eb.png": SR}, (r"a\u202eb.png",)),
    "14 300 characters": (lambda: {**good(), "a" * 300 + ".png": SR}, ("longer than 200",)),
    "14 script": (lambda: {**good(), "<script>alert(1)</script>.png": SR}, ("<script>alert(1)</script>.png",)),
    "31 array": (lambda: {**good(), "0801.npy": b"\x93NUMPY"}, ("'0801.npy' holds arrays",)),
    "would be run": (lambda: {**good(), "metadata.yaml": b"command: x"}, ("run this as code",)),
}  # fmt: skip


@pytest.mark.parametrize("case", INVALID)
def test_invalid_submissions(case: str, hr: Path, tmp_path: Path) -> None:
    make, wanted = INVALID[case]
    path = zipped(tmp_path / "a.zip", make())  # type: ignore[arg-type]
    before = sorted(tmp_path.rglob("*"))
    scored = score(path, hr)
    assert (scored.verdict.outcome, scored.verdict.exit_code) == ("invalid", 3)
    for text in wanted:
        assert text in said(scored)
    assert scored.images == {}
    assert sorted(tmp_path.rglob("*")) == before
    assert not (tmp_path.parent / "evil.png").exists()


def test_10_links_are_refused_in_zips_and_folders(hr: Path, tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in good().items():
            archive.writestr(name, data)
        link = zipfile.ZipInfo("0805x4.png")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    assert "'0805x4.png' is a symbolic link" in said(score(path, hr))
    folder = folder_of(tmp_path / "res", good())
    (folder / "0801x4.png").unlink()
    (folder / "0801x4.png").symlink_to(hr / "0801.png")
    (folder / "0802x4.png").unlink()
    os.link(hr / "0802.png", folder / "0802x4.png")
    scored = score(folder, hr)
    assert scored.verdict.outcome == "invalid"
    assert "'0801x4.png' is a symbolic link" in said(scored)
    assert "'0802x4.png' is a hard link to a reference" in said(scored)


def test_11_pipes_sockets_and_folders_do_not_hang(hr: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = folder_of(tmp_path / "res", good())
    for stem in ("0801", "0802", "0803"):
        (folder / f"{stem}x4.png").unlink()
    os.mkfifo(folder / "0801x4.png")
    (folder / "0802x4.png").mkdir()
    monkeypatch.chdir(folder)  # the names of sockets have to be short
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("0803x4.png")
        scored = score(folder, hr)
    assert scored.verdict.outcome == "invalid"
    for text in ("0801x4.png' is a pipe", "0802x4.png' is a folder", "0803x4.png' is a socket"):
        assert text in said(scored)


def bomb(path: Path) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("0801x4.png", "w") as entry:
        for _ in range(200):
            entry.write(bytes(1 << 20))
    return path


def many(path: Path) -> Path:
    """A directory of a million entries, without writing a million."""
    end = struct.pack("<4s4HIIH", b"PK\5\6", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    record = struct.pack("<4sQ2H2I4Q", b"PK\6\6", 44, 45, 45, 0, 0, 10**6, 10**6, 60 * 10**6, 0)
    path.write_bytes(b"PK\3\4" + record + struct.pack("<4sIQI", b"PK\6\7", 0, 4, 1) + end)
    return path


def overlapping(path: Path) -> Path:
    """Two entries of the directory that point to the same bytes."""
    zipped(path, {"0801x4.png": SR, "0802x4.png": SR})
    data = bytearray(path.read_bytes())
    second = data.rindex(b"PK\1\2")
    data[second + 42 : second + 46] = struct.pack("<I", 0)
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(("make", "text"), [(bomb, "unpacks to too much"), (many, "too many entries"),
                                            (overlapping, "overlap")])  # fmt: skip
def test_12_bombs_are_stopped_at_once(make: Callable[[Path], Path], text: str, hr: Path, tmp_path: Path) -> None:
    path = make(tmp_path / "bomb.zip")
    begin = time.monotonic()
    scored = score(path, hr)
    assert time.monotonic() - begin < 5
    assert (scored.verdict.outcome, scored.verdict.exit_code) == ("stopped", 3)
    assert text in said(scored)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["bomb.zip"]


def lying(path: Path) -> Path:
    """A zip whose directory says that an entry is longer than it is."""
    zipped(path, good())
    data = bytearray(path.read_bytes())
    first = data.index(b"PK\1\2")
    size = struct.unpack_from("<I", data, first + 24)[0]
    struct.pack_into("<II", data, first + 20, size - 9, size - 9)
    path.write_bytes(data)
    return path


def cut(path: Path) -> Path:
    zipped(path, good())
    path.write_bytes(path.read_bytes()[:-300])
    return path


def encrypted(path: Path) -> Path:
    zipped(path, good())
    data = bytearray(path.read_bytes())
    data[data.index(b"PK\1\2") + 8] |= 1
    path.write_bytes(data)
    return path


def bad_utf8(path: Path) -> Path:
    zipped(path, {**good(), "\u00e9\u00e9.png": SR})
    path.write_bytes(path.read_bytes().replace("\u00e9\u00e9".encode(), b"\xff\xfe\xff\xfe"))
    return path


def written(data: bytes) -> Callable[[Path], Path]:
    def make(path: Path) -> Path:
        path.write_bytes(data)
        return path

    return make


BROKEN: dict[str, tuple[Callable[[Path], Path], str]] = {
    "13 lying size": (lying, "damaged inside the zip"),
    "13 cut short": (cut, "cut short or damaged"),
    "13 not a zip": (written(b"hello, world" * 50), "neither a zip nor a tar"),
    "13 empty": (written(b""), "is empty"),
    "13 encrypted": (encrypted, "encrypted"),
    "13 cut tar.gz": (written(b"\x1f\x8b\x08\0\0\0\0\0"), "neither a zip nor a tar"),
    "14 not UTF-8": (bad_utf8, "not UTF-8"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_13_broken_archives_say_why(case: str, hr: Path, tmp_path: Path) -> None:
    make, text = BROKEN[case]
    scored = score(make(tmp_path / "a.zip"), hr)
    assert scored.verdict.outcome == "invalid"
    assert text in said(scored)


@pytest.mark.parametrize("mode", ["w", "w:gz", "w:bz2"])
def test_13_tars_are_read(mode: str, hr: Path, tmp_path: Path) -> None:
    path = tmp_path / "a.tar"
    with tarfile.open(path, mode) as archive:  # type: ignore[call-overload]
        for name, data in good().items():
            info = tarfile.TarInfo(f"./{name}")
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    assert score(path, hr).verdict.outcome == "valid"


def test_13_links_and_bombs_in_tars_are_refused(hr: Path, tmp_path: Path) -> None:
    path = tmp_path / "a.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        link = tarfile.TarInfo("0801x4.png")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
        large = tarfile.TarInfo("0802x4.png")
        large.size = 80 << 20
        archive.addfile(large, io.BytesIO(bytes(80 << 20)))
    scored = score(path, hr)
    assert scored.verdict.outcome == "stopped"
    assert "'0801x4.png' is a link" in said(scored)


def test_13_zip64_is_read(hr: Path, tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in good().items():
            with archive.open(name, "w", force_zip64=True) as entry:
                entry.write(data)
    assert score(path, hr).verdict.outcome == "valid"


def test_limits_are_the_plans(hr: Path, tmp_path: Path) -> None:
    scored = score(zipped(tmp_path / "a.zip", good()), hr, plan(limits=Limits(entries=4)))
    assert scored.verdict.outcome == "stopped"


READMES: dict[str, tuple[bytes, tuple[float | None, int | None, int | None]]] = {
    "empty": (b"", (None, None, None)),
    "three lines": (b"runtime: 1\nCPU: 0\nExtra Data: 1", (1.0, 0, 1)),
    "labels in another order": (b"Extra Data : 1\ndescription: x\nruntime [s] : 2.5\nCPU[1]/GPU[0] : 0", (2.5, 0, 1)),
    "spaces in labels": (b"runtime per image [s] : 1.5\nCPU [1] / GPU [0] : 1\nExtra Data [1] / No : 0", (1.5, 1, 0)),
    "by position": (b"a : 3.5\nb : 1\nc : 0\nd : text", (3.5, 1, 0)),
    "comma": (b"runtime : 10,43", (10.43, None, None)),
    "unit": (b"runtime : 10.43 s\nCPU: 1", (10.43, 1, None)),
    "milliseconds": (b"runtime : 35 ms", (0.035, None, None)),
    "not a number": (b"runtime : nan", (None, None, None)),
    "negative": (b"runtime : -1", (None, None, None)),
    "huge": (b"runtime : 1e308", (None, None, None)),
    "two": (b"runtime : 1\nCPU[1] / GPU[0] : 2", (1.0, None, None)),
    "UTF-16": ("runtime : 2\nCPU : 1\nExtra Data : 0".encode("utf-16"), (2.0, 1, 0)),
    "a URL first": (b"https://example.org/1\nruntime: 4\nCPU[1] : 0\nextra data : 1", (4.0, 0, 1)),
    "71 hard to believe": (b"runtime : 0.000001", (0.000001, None, None)),
}  # fmt: skip


@pytest.mark.parametrize("case", READMES)
def test_15_readmes(case: str) -> None:
    data, wanted = READMES[case]
    declared, notes = parse_readme(data)
    assert (declared.runtime, declared.cpu, declared.extra_data) == wanted
    assert (None in wanted) <= bool(notes)
