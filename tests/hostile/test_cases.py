"""Every case of the hostile table: its exit code, its words, one sentence, and nothing that was not foreseen."""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import cases
import pytest
import world
from edge import run_cli

ALL = cases.read_all()
OVERRIDES = 0b110
"""CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH of Linux."""
ACTS = re.compile("[\u0000-\u0008\u000b-\u001f\u007f\u202a-\u202e\u2066-\u2069]")
LONGEST = 9000

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="/proc, /dev/full and pipes are used as on Linux")


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    """The hostile folder, where anybody may look."""
    at = Path(tempfile.mkdtemp(prefix="srbench-hostile-"))
    at.chmod(0o755)
    world.make(at / "w")
    yield at / "w"
    shutil.rmtree(at, ignore_errors=True)


@pytest.fixture
def out(place: Path) -> Iterator[Path]:
    """A folder for what a case writes."""
    folder = Path(tempfile.mkdtemp(dir=place.parent))
    folder.chmod(0o777)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def like_a_user() -> Iterator[None]:
    """Root may read and write anything; without this right, as it is here, permissions are those of files."""
    if os.geteuid() != 0:
        yield
        return
    libc = ctypes.CDLL(None, use_errno=True)
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)
    before = (ctypes.c_uint32 * 6)()  # effective, permitted, inheritable, and the upper halves of the three
    if libc.capget(header, before) != 0:
        pytest.skip("root cannot lay down its rights here")
    fewer = (ctypes.c_uint32 * 6)(before[0] & ~OVERRIDES, *before[1:])
    libc.capset(header, fewer)
    try:
        yield
    finally:
        libc.capset(header, before)


@pytest.mark.parametrize("case", ALL, ids=lambda case: case.name)
def test_one_sentence_and_a_code(case: cases.Case, place: Path, out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(place)
    for name, value in {"SRBENCH_OFFLINE": "1", "SRBENCH_HOME": str(out / "home"), **case.environment}.items():
        monkeypatch.setenv(name, value)
    line = case.line.replace("OUT", str(out)).replace("NNN", world.LONG)
    if case.shell:
        signal.signal(signal.SIGHUP, signal.SIG_DFL)  # ignored where the tests run under nohup, and inherited
        code, printed, said = in_a_shell(line)
    else:
        with like_a_user() if case.user else contextlib.nullcontext():
            code, printed, said = run_cli(*shlex.split(line))
    both = f"{printed}\n{said}"
    assert "Traceback" not in both, both
    assert "should not have happened" not in both, both
    assert code == case.code, both
    assert case.words in " ".join(both.split()), both
    assert not ACTS.search(said), ascii(said)
    assert len(said) < LONGEST
    if not case.shell:
        assert code not in (1, 2) or sentences(both) == 1 or "the organisers' to mend" in both, both
        if "--json" in case.line and printed.strip():
            json.loads(printed)
        assert Path.cwd() == place


def sentences(said: str) -> int:
    """How many errors are told."""
    return sum(line.lower().startswith("error: ") for line in said.splitlines())


def in_a_shell(line: str) -> tuple[int, str, str]:
    """The same in a process of its own, started by a shell."""
    environment = {**os.environ, "PYTHONPATH": str(world.TREE)}
    command = re.sub(r"\bS ", f"{sys.executable} -m srbench.cli ", line)
    done = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {command}"], env=environment, capture_output=True, timeout=120, check=False,
    )  # fmt: skip
    return done.returncode, done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace")


def test_the_table_is_large() -> None:
    assert len(ALL) >= 400
    assert len({case.name for case in ALL}) == len(ALL)


def test_no_file_of_weights_was_run(place: Path) -> None:
    """It comes after the cases: a pickle among the weights would have left a file."""
    assert not list(place.rglob("pickle-was-run"))
