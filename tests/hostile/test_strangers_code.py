"""Whatever a network's code does to its process: one failed cell, and all other results as without it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psutil
import pytest
from edge import run_cli
from strangers import IMPORTS, MODES, NET, Mode

from srbench.evaluation.apart import processes

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="signals and process ids are used as on Linux")
COMMON = ("--datasets", "embedded", "--limit", "1", "--no-runtime", "--no-html", "--timeout")
PATIENT = "120"
"""Seconds: what does not wait on purpose has answered by then, however busy the machine is."""


@pytest.fixture(scope="module")
def net(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("net") / "rude.py"
    file.write_text(NET)
    return file


@pytest.fixture(scope="module")
def undisturbed(net: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What bicubic and the good network give alone."""
    return _values(_run(net, tmp_path_factory.mktemp("alone"), ())[1])


def _run(net: Path, folder: Path, modes: tuple[Mode, ...], timeout: str = PATIENT) -> tuple[int, dict[str, Any], str]:
    files = [f"--model-file={net}:Rude('{mode.name}')" for mode in modes]
    good = f"--model-file={net}:Rude('good')"
    code, out, err = run_cli(
        "run", *files, good, "--models", "bicubic", *COMMON, timeout, "--results", str(folder), "--json"
    )
    return code, json.loads(out), err


def _values(found: dict[str, Any]) -> dict[str, Any]:
    return {
        record["command"].split("Rude(")[-1] if "Rude" in record["command"] else record["model"]["name"]:
        [record["values"], record["images"]] for record in found["records"]
    }  # fmt: skip


def test_each_does_its_worst_and_the_others_are_as_before(
    net: Path, undisturbed: dict[str, Any], tmp_path: Path
) -> None:
    before = (os.getcwd(), sys.stdout, sys.stderr)  # noqa: PTH109
    quick = tuple(mode for mode in MODES if "(--timeout)" not in mode.words)
    code, found, err = _run(net, tmp_path, quick)
    assert code == 1
    assert (os.getcwd(), sys.stdout, sys.stderr) == before  # noqa: PTH109
    failures = [failure["reason"] for failure in found["failures"]]
    bad = [mode for mode in quick if mode.words]
    assert len(failures) == len(bad)
    for mode, reason in zip(bad, failures, strict=True):
        assert mode.words in reason.replace("\x1b", r"\x1b").replace("\u202e", r"\u202e"), mode.name
        assert len(reason) < 2500
    assert "Traceback" not in err
    values = [[record["values"], record["images"]] for record in found["records"]]
    assert all(value in undisturbed.values() for value in values)
    assert len(values) == len(quick) - len(bad) + 2
    assert not processes._idle
    assert not _left(net)


def test_what_gives_no_answer_is_stopped_in_time(net: Path, tmp_path: Path) -> None:
    endless = tuple(mode for mode in MODES if "(--timeout)" in mode.words)
    code, found, err = _run(net, tmp_path, endless, "2")
    assert code == 1
    reasons = [failure["reason"] for failure in found["failures"]][
        : len(endless)
    ]  # on a busy machine others may follow
    assert all(mode.words in reason for mode, reason in zip(endless, reasons, strict=True))
    assert "Traceback" not in err
    assert not _left(net)


@pytest.mark.parametrize("code", IMPORTS)
def test_what_a_file_does_when_it_is_imported(
    code: str, undisturbed: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if "no answer" in IMPORTS[code]:
        monkeypatch.setattr(processes, "START_S", 3.0)
    file = tmp_path / "bad.py"
    file.write_text(code)
    files = (f"--model-file={file}:Net", "--models", "bicubic")
    exit_code, out, err = run_cli("run", *files, *COMMON, "2", "--results", str(tmp_path / "results"), "--json")
    found = json.loads(out)
    assert exit_code == 1
    assert [IMPORTS[code] in failure["reason"] for failure in found["failures"]] == [True], found["failures"]
    assert len(found["records"]) == 1
    assert all(value in undisturbed.values() for value in _values(found).values())
    assert "Traceback" not in err


def _left(file: Path) -> list[int]:
    """Processes of models that still run."""
    nursery = [p for p in psutil.Process().children() if "isolation.nursery" in " ".join(p.cmdline())]
    return [p.pid for one in nursery for p in one.children(recursive=True) if p.status() != psutil.STATUS_ZOMBIE]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
@pytest.mark.parametrize("verb", ["run", "time"])
def test_a_model_in_an_endless_loop_ends_with_its_parent(
    verb: str, number: signal.Signals, net: Path, tmp_path: Path
) -> None:
    there = tmp_path / "there"
    file = tmp_path / "endless.py"
    loop = f"open({str(there)!r}, 'w').write(str(os.getpid()))\n            while True: pass"
    file.write_text(NET.replace("while True: pass", loop))
    options = {"run": [*COMMON, "1000", "--results", str(tmp_path / "r")], "time": ["--size", "8x8"]}[verb]
    command = [sys.executable, "-m", "srbench.cli", verb, "--model-file", f"{file}:Rude('loop')", *options]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            _until(lambda: there.is_file() and there.read_text() != "")
            looping = int(there.read_text())
            process.send_signal(number)
            process.wait(30)
            _until(lambda: not _alive(looping))
        finally:
            process.kill()


def _alive(pid: int) -> bool:
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.Error:
        return False


def _until(condition: Any, seconds: float = 120.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)
