"""Abuse: what a hostile entry can see, reach, use up and leave behind. Each in a real process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from srbench.isolation.cgroup import task_group
from srbench.isolation.process import Refused, Stopped
from tests.isolation.conftest import LIGHT, SANDBOXES, Start

bubblewrapped = SANDBOXES[0]


def tries(line: str) -> bytes:
    """A program that reports what came of ``line``."""
    return f"try:\n    result = {line}\nexcept BaseException as error:\n    result = type(error).__name__".encode()


SEEN = {
    "60 reference": ("open({secret!r}).read()", "FileNotFoundError"),
    "60 parent's arguments": ("open('/proc/{parent}/cmdline').read()", "FileNotFoundError"),
    "60 working folder": ("__import__('os').listdir('.')", "['net.py']"),
    "69 home": ("open({home!r} + '/.bashrc', 'a')", "Error"),
    "60 environment": ("__import__('os').environ.get('SECRET_OF_THE_USER')", "None"),
    "66 processes": ("sum(p.isdigit() for p in __import__('os').listdir('/proc'))", "2"),
    "68 loopback": ("__import__('socket').create_connection(('127.0.0.1', {port}), 1)", "Error"),
    "68 outside": ("__import__('socket').getaddrinfo('example.org', 80)", "gaierror"),
    "68 metadata": ("__import__('socket').create_connection(('169.254.169.254', 80), 1)", "Error"),
    "69 own folder": ("open('net.py', 'a')", "OSError"),
    "69 site-packages": ("open(__import__('importlib.util').util.find_spec('torch').origin, 'a')", "OSError"),
    "69 sitecustomize": ("open(__import__('sysconfig').get_paths()['purelib'] + '/x.pth', 'w')", "OSError"),
    "69 host's temporary folder": ("open({secret!r} + '.written', 'w')", "FileNotFoundError"),
}


@pytest.mark.parametrize("sandbox", [bubblewrapped])
def test_nothing_of_the_host_is_seen_or_changed(
    sandbox: str, start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import socket

    monkeypatch.setenv("SECRET_OF_THE_USER", "x")
    secret = tmp_path / "HR" / "0801.png"
    secret.parent.mkdir()
    secret.write_text("reference")
    before = sorted(p.name for p in tmp_path.iterdir())
    with socket.create_server(("127.0.0.1", 0)) as server:
        words = {
            "secret": str(secret),
            "parent": os.getpid(),
            "home": str(Path.home()),
            "port": server.getsockname()[1],
        }
        process = start({"net.py": ""}, sandbox, handler=LIGHT)
        results = {
            case: found
            for case, (line, expected) in SEEN.items()
            if expected not in (found := process.ask("run", tries(line.format(**words))).header["result"])
        }
    assert results == {}
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted([*before, "entry0"])


def test_without_a_sandbox_the_gaps_are_said() -> None:
    from srbench.isolation.sandbox import choose

    assert any("read and change the user's files" in gap for gap in choose("process").gaps)
    assert any("network" in gap for gap in choose("process").gaps)


USES = {
    "53 endless loop": ("while True: pass", {"request_s": 1.5}, "no answer within 1.5 s"),
    "67 CPU": ("while True: pass", {"cpu_s": 2}, "signal (24|9)|no answer"),
    "67 processes": (
        "import os, time\nfor _ in range(8):\n    try: os.fork()\n    except OSError: pass\ntime.sleep(30)",
        {"processes": 30, "request_s": 20},
        "more than 30 processes",
    ),
    "67 threads": (
        "import threading, time\nwhile True:\n"
        "    try: threading.Thread(target=time.sleep, args=(99,), daemon=True).start()\n"
        "    except RuntimeError: time.sleep(0.01)",
        {"processes": 8, "request_s": 20},
        "more than 128 threads",
    ),
    "67 memory at once": ("import numpy; numpy.ones(10**11 // 8)", {"memory_bytes": 2 << 30}, "MemoryError"),
    "67 memory bit by bit": (
        "import numpy, time\nkept = []\nwhile True:\n    kept.append(numpy.ones(1 << 22)); time.sleep(0.01)",
        {"memory_bytes": 1 << 30, "request_s": 20},
        "more than 1.0 GiB of memory",
    ),
    "67 file": (
        "import tempfile\nf = tempfile.TemporaryFile()\nwhile True: f.write(bytes(1 << 20))",
        {"file_bytes": 8 << 20},
        "File too large|No space left",
    ),
    "53 flood": (
        "import os\nfor _ in range(300): os.write(1, b'x' * (1 << 20))\nraise RuntimeError('done')",
        {"request_s": 60},
        "done",
    ),
    "62 dies": ("import os; os.kill(os.getpid(), 11)", {}, "ended by signal 11"),
    "62 exits": ("import os; os._exit(7)", {}, "exit code 7"),
    "70 forged answer": (
        "import os\nfor fd in range(3, 30):\n    try: os.write(fd, b'{}' * 99)\n    except OSError: pass\n"
        "raise RuntimeError('x')",
        {},
        "was stopped|it is gone|ended",
    ),
}


@pytest.mark.parametrize("case", USES)
def test_what_uses_too_much_is_stopped_at_its_limit(case: str, start: Start) -> None:
    line, limits, words = USES[case]
    process = start({}, "auto", handler=LIGHT, **limits)
    seen = {process.pid, *(child.pid for child in psutil.Process(process.pid).children(recursive=True))}
    with pytest.raises((Refused, Stopped), match=words):
        process.ask("run", line.encode())
    assert process.close() == []
    assert len(process.output) < 100_000
    assert not [pid for pid in seen if _lives(pid)]


def _lives(pid: int) -> bool:
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


DAEMON = (
    "import ctypes, os, time\n"
    "alone = lambda: ctypes.CDLL(None).prctl(1, 0, 0, 0, 0)  # the kernel is not to end it with its parent\n"
    "if os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0:\n        alone()\n"
    "        open(os.environ['HOME'] + '/here', 'w')\n"
    "        while True: time.sleep(0.05)\n    time.sleep(0.5)\n    os._exit(0)\n"
    "time.sleep(0.5)\n"
)


@pytest.mark.parametrize("sandbox", SANDBOXES)
def test_a_daemon_ends_with_the_entry(sandbox: str, start: Start) -> None:
    """One that has left its session and its parent is found again: it was seen before, or lives in a namespace."""
    process = start({}, sandbox, handler=LIGHT)
    process.ask("run", DAEMON.encode())
    time.sleep(0.5)
    ours = [p for p in psutil.process_iter(["cmdline"]) if LIGHT in (p.info["cmdline"] or [])]
    assert len(ours) >= 2
    assert process.close() == []
    time.sleep(0.1)
    left = [p for p in ours if p.is_running() and p.status() != psutil.STATUS_ZOMBIE]
    assert left == []


def test_the_kernel_refuses_more_tasks_than_the_group_may_have() -> None:
    group = task_group(12)
    if group is None:
        pytest.skip("no control group of tasks can be made by this user")
    bomb = "import os, time\nfor _ in range(7):\n    try: os.fork()\n    except OSError: pass\ntime.sleep(20)"
    with subprocess.Popen(group.joined([sys.executable, "-c", bomb])) as process:
        deadline = time.monotonic() + 15
        while len(group.members()) < 12 and time.monotonic() < deadline:
            time.sleep(0.05)
        members = group.members()
        group.end()
        process.wait(10)
    assert len(members) == 12, "128 processes were wanted"
    assert not group.folder.exists()
    assert not [pid for pid in members if _lives(pid)]
