"""The edge of the program: one sentence and an exit code, whatever the system or the command line is like."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from srbench.cli import guard
from srbench.errors import SrbenchError
from srbench.results import store

SRBENCH = f"{sys.executable} -m srbench.cli"


@dataclass(frozen=True)
class Case:
    """A shell line (``S`` stands for srbench) in an environment, the exit code, and words on stdout or stderr."""

    line: str
    code: int
    words: str = ""
    environment: dict[str, str] = field(default_factory=dict)


CASES = (
    Case("S list models > /dev/full", 1, "No space left"),
    Case("S --help > /dev/full", 1, "No space left"),
    Case("S list models >&-", 0),
    Case("S list models 2>&-", 0, "imdn"),
    Case("S show nothing 2>&-", 1),
    Case("S show nothing >&- 2>&-", 1),
    Case("S show nothing 2> /dev/full", 1),
    Case("S list models | head -1; true", 0, "name"),
    Case("S list protocols", 0, "y-matlab", {"PYTHONIOENCODING": "ascii"}),
    Case("S list datasets", 0, "set5", {"PYTHONIOENCODING": "latin-1"}),
    Case("S show imdn", 0, "IMDN", {"LC_ALL": "C", "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}),
    Case("S show 'imdn\u202e'", 1, r"imdn\u202e"),
    Case("S fetch ''", 1, "no name was given"),
    Case("S fetch ,", 1, "no name was given"),
    Case("S fetch set5", 1, "no address", {"SRBENCH_MIRROR": "http://[::1", "SRBENCH_OFFLINE": ""}),
    Case("S fetch set5", 1, "expected a prefix", {"SRBENCH_MIRROR": "ftp://x"}),
    Case("S doctor --seconds nan", 2, "not a finite number"),
    Case("S doctor --seconds -1", 2, "range"),
    Case("S train imdn --threads 0", 2, "range"),
    Case("S train imdn --steps -1", 2, "range"),
    Case("S profile --models imdn --size 99999999999999999999x1", 1, "too large a size"),
    Case("S profile --models imdn --size 65537x1", 1, "too large a size"),
    Case("S run --threads 0", 2, "range"),
    Case("S run --limit 99999999999999999999 --models nothing", 1, "unknown model"),
    Case("S list results --results ~nosuchuser/x", 1, ""),
    Case("S results verify /dev/null", 1, "no folder"),
    Case("S results verify /nonexistent/place", 1, "no folder"),
    Case("mkdir gone && cd gone && rmdir ../gone && S leaderboard check", 1, "working directory is gone"),
    Case("S list models", 0, "imdn", {"HOME": "/nonexistent"}),
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.line} {' '.join(case.environment.values())}".strip())
def test_one_sentence_and_a_code(case: Case, tmp_path: Path) -> None:
    environment = {**os.environ, "SRBENCH_HOME": str(tmp_path / "home"), "SRBENCH_OFFLINE": "1", **case.environment}
    environment["PYTHONPATH"] = str(Path(__file__).resolve().parents[2])
    line = case.line.replace("S ", f"{SRBENCH} ", 1) if "S " in case.line else case.line
    done = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {line}"],
        cwd=tmp_path, env=environment, capture_output=True, timeout=120, check=False,
    )  # fmt: skip
    said = (done.stdout + done.stderr).decode("utf-8", "replace")
    assert "Traceback" not in said, said
    assert "should not have happened" not in said, said
    if case.words or case.code == 0:
        assert done.returncode == case.code, said
    assert case.words in " ".join(said.split()), said


@pytest.mark.parametrize("delay", [0.0, 0.03, 0.1, 0.3])
def test_an_early_interrupt_leaves_no_traceback(delay: float, tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[2]), "SRBENCH_OFFLINE": "1"}
    with subprocess.Popen(
        [sys.executable, "-m", "srbench.cli", "doctor", "--seconds", "20"],
        cwd=tmp_path, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as going:  # fmt: skip
        time.sleep(0.4 + delay)
        for _ in range(2):
            going.send_signal(signal.SIGINT)
            time.sleep(0.05)
        said = going.communicate(timeout=60)[1].decode()
    assert "Traceback" not in said
    assert going.returncode in (guard.INTERRUPTED, -signal.SIGINT)


class _Mute(Exception):
    def __str__(self) -> str:
        raise ValueError("I say nothing")


def _raising(error: BaseException) -> object:
    def command() -> None:
        raise error

    return command


@pytest.mark.parametrize(
    ("error", "code", "words"),
    [
        (PermissionError(13, "no", "/secret"), 1, "the system refuses '/secret': Permission denied"),
        (NotADirectoryError(20, "no", "/a/b"), 1, "Not a directory"),
        (IsADirectoryError(21, "no", "/a"), 1, "Is a directory"),
        (OSError(36, "no", "x" * 5), 1, "File name too long"),
        (OSError(24, "no"), 1, "Too many open files"),
        (OSError(28, "no"), 1, "the output cannot be written"),
        (OSError("without a number"), 1, "without a number"),
        (MemoryError(), 1, "the memory is used up"),
        (RuntimeError("Could not determine home directory."), 1, "no such home folder"),
        (SrbenchError("a \x1b[31mred\u202e one."), 1, r"a \x1b[31mred\u202e one."),
        (SrbenchError("x" * 100_000), 1, "characters more"),
        (ValueError("odd"), guard.DEFECT, "ValueError: odd"),
        (_Mute(), guard.DEFECT, "without a message"),
        (RecursionError("deep"), guard.DEFECT, "please report it with the file"),
        (KeyboardInterrupt(), guard.INTERRUPTED, "interrupted"),
        (BrokenPipeError(32, "no"), 0, ""),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, BaseException) else str(value)[:20],
)
def test_whatever_is_raised_is_one_sentence(
    error: BaseException, code: int, words: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guard, "_drop_output", lambda: None)
    monkeypatch.setattr(guard, "_end_at_once_from_now_on", lambda: None)
    assert guard.run(_raising(error)) == code
    said = capsys.readouterr().err
    assert words in said
    assert len(said) < 9_000
    if code == guard.DEFECT:
        log = Path(said.rstrip().removesuffix(".").rpartition(" ")[2])
        assert type(error).__name__ in log.read_text(encoding="utf-8")
        log.unlink()


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        '{"schema": "srbench.quality/2", "a": ' + "[" * 100_000 + "]" * 100_000 + "}",
        '{"schema": "srbench.quality/2", "scale": ' + "1" + "0" * 400 + "}",
        '{"schema": "srbench.cost/2", "values": {"params": 1' + "0" * 400 + "}}",
        '{"schema": "srbench.quality/2", "scale": ' + "1" * 5000 + "}",
        '{"schema": "\\ud800"}',
        '{"schema": "srbench.cell/1", "model": "\\udfff"}',
        '{"schema": "srbench.cost/2", "values": {"params": 1e999}}',
        '{"schema": "srbench.cost/2", "values": {"params": NaN}}',
        '{"schema": ["srbench.cost/2"]}',
        "[]",
        "null",
        "",
        "\ufeff{}",
    ],
    ids=lambda text: text[:60] or "empty",
)
def test_odd_json_is_no_result_and_says_why(text: str, tmp_path: Path) -> None:
    (tmp_path / "odd.json").write_text(text, encoding="utf-8")
    found, skipped = store.read_files(tmp_path)
    assert not found
    assert skipped[0][1]


def test_numbers_that_no_float_holds_are_no_result(tmp_path: Path) -> None:
    ours = Path(__file__).resolve().parents[2] / "leaderboards" / "measured" / "imdn.released_x4_set5_y-matlab@1.json"
    data = json.loads(ours.read_text(encoding="utf-8"))
    for value in (10**400, 10**308 * 10, "\ud800", [], True):
        text = json.dumps({**data, "values": {"psnr": value, "ssim": 0.9}})
        (tmp_path / "odd.json").write_text(text, encoding="utf-8")
        answer = store.read(tmp_path / "odd.json")
        assert isinstance(answer, str) or value is True
