"""SIGKILL at random moments: the next run of a command ends as an undisturbed one, and nothing is left running.

A few kills here; ``SRBENCH_KILLS=200`` makes so many over all commands (tox -e kills). Commands are forked from a
process that has imported already, which saves most of their start; with ``SRBENCH_KILLS_ANEW=1`` each is a program
started anew.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest
from jobs import JOBS, Job, left_behind, prepare, served, until

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes are followed as on Linux")
KILLS = int(os.environ.get("SRBENCH_KILLS", "0"))
TREE = Path(__file__).resolve().parents[2]
ROUND = 4
"""Kills of one folder before the command is let through."""
STARTER = """
import json, os, sys
import torch, srbench.cli.main, srbench.evaluation.run, srbench.training.session
from srbench.cli.main import main
for line in sys.stdin:
    asked = json.loads(line)
    pid = os.fork()
    if pid == 0:
        os.setsid()
        os.chdir(asked["folder"])
        os.environ.update(asked["environment"])
        for stream in (0, 1, 2):
            os.dup2(os.open(asked["log"], os.O_RDWR | os.O_CREAT | os.O_APPEND), stream)
        sys.argv = ["srbench", *asked["arguments"]]
        try:
            main()
        except SystemExit as error:
            os._exit(error.code or 0)
        os._exit(9)
    print(pid, flush=True)
    print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)
"""


@dataclass(frozen=True)
class Place:
    """Where the commands run, and how they are started."""

    folder: Path
    starter: subprocess.Popen[str] | None

    def run(self, job: Job, out: Path, kill_after: float | None = None) -> tuple[int, float, list[int]]:
        """Exit code, seconds, and the processes that outlive the command; killed after so many seconds, if at all."""
        arguments = [text.replace("OUT", str(out)) for text in job.arguments]
        environment = {"SRBENCH_HOME": str(out / "home"), "SRBENCH_OFFLINE": "", "SRBENCH_MIRROR": ""}
        begun = time.perf_counter()
        if self.starter is None:
            with (out.parent / f"{out.name}.log").open("a", encoding="utf-8") as log:
                process = subprocess.Popen(
                    [sys.executable, "-m", "srbench.cli", *arguments], cwd=self.folder, stdout=log, stderr=log,
                    env={**os.environ, **environment, "PYTHONPATH": str(TREE)}, start_new_session=True,
                )  # fmt: skip
            pid, end = process.pid, process.wait
        else:
            asked = {"folder": str(self.folder), "arguments": arguments, "environment": environment,
                     "log": str(out.parent / f"{out.name}.log")}  # fmt: skip
            assert self.starter.stdin is not None
            assert self.starter.stdout is not None
            self.starter.stdin.write(json.dumps(asked) + "\n")
            self.starter.stdin.flush()
            answers = self.starter.stdout
            pid, end = int(answers.readline()), lambda: int(answers.readline())
        below: list[psutil.Process] = []
        if kill_after is not None:
            time.sleep(kill_after)
            try:
                below = psutil.Process(pid).children(recursive=True)
                os.kill(pid, signal.SIGKILL)
            except (psutil.NoSuchProcess, ProcessLookupError):
                pass
        code = end()
        taken = time.perf_counter() - begun
        until(lambda: not any(map(_runs, below)), 20)
        return code, taken, [one.pid for one in below if _runs(one)]


def _runs(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("kills")
    starter = None
    if "SRBENCH_KILLS_ANEW" not in os.environ:
        starter = subprocess.Popen(
            [sys.executable, "-c", STARTER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            env={**os.environ, "PYTHONPATH": str(TREE), "OMP_NUM_THREADS": "1"},
        )  # fmt: skip
    with served() as port:
        prepare(folder, port)
        yield Place(folder, starter)
    if starter is not None:
        starter.kill()
        starter.communicate()


@pytest.mark.timeout(7200 if KILLS else 300)
@pytest.mark.parametrize("job", JOBS, ids=lambda job: job.name)
def test_killed_at_any_moment_it_ends_as_if_undisturbed(job: Job, place: Place, tmp_path: Path) -> None:
    whole = tmp_path / "whole"
    whole.mkdir()
    code, seconds, _ = place.run(job, whole)
    log = (tmp_path / "whole.log").read_text(encoding="utf-8")
    assert code == 0, log
    wanted = left_behind(whole)
    assert wanted
    draw = random.Random(f"{job.name} {os.environ.get('SRBENCH_KILLS_SEED', '0')}")
    todo, killed, number = (KILLS // len(JOBS) if KILLS else job.few), 0, 0
    while killed < todo:
        out = tmp_path / f"out{number}"
        number += 1
        out.mkdir()
        for _ in range(min(ROUND, todo - killed)):
            code, _, running = place.run(job, out, kill_after=draw.uniform(0, seconds))
            killed += code == -signal.SIGKILL
            assert not running
        code, _, _ = place.run(job, out)
        assert code == 0, (tmp_path / f"{out.name}.log").read_text(encoding="utf-8")
        assert left_behind(out) == wanted
        shutil.rmtree(out)
    print(f"{job.name}: {killed} kills in {number} folders, undisturbed {seconds:.1f} s")
