"""On a cluster with Slurm: an array of tasks that each compute every n-th image, and the collecting of their rows.

The results folder must be one that all nodes see. What the site asks for (partition, account, time) is given as Slurm
has it: in the environment, ``SBATCH_PARTITION`` and so on.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import shlex
import shutil
import subprocess
import sys
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from srbench.errors import SrbenchError
from srbench.evaluation.engine.session import Session
from srbench.evaluation.engine.setting import NO_SLURM
from srbench.evaluation.engine.unit import Unit
from srbench.evaluation.executors import Heard, Indices
from srbench.evaluation.images import ModelFailure
from srbench.results import journal

TASKS = 16
"""Tasks of an array unless told otherwise."""
FAILED = "failed-pass"
"""File in the folder of arrays that did not come to their end: the name of the pass."""
TRIES = 2
"""Arrays that are submitted for images that nobody computed."""
POLL_SECONDS = (0.2, 5.0)
"""How often rows are looked for: at first, and in the long run."""
ALIVE_SECONDS = 60.0
"""How often Slurm is asked whether it still knows the array; a place in the queue may be waited for without limit."""
LOST_AFTER = 3
"""Answers in a row that it does not, after which the array is taken for lost although ``sbatch --wait`` waits on."""


@dataclass(frozen=True)
class Array:
    """Where the arrays of a pass are kept, the name of the pass, and how many tasks they have; 0: :data:`TASKS`."""

    results: Path
    name: str = ""
    tasks: int = 0


def forget(results: Path, name: str) -> None:
    """Remove what is kept of failed arrays of a pass whose records are written."""
    for marked in (results / "slurm").glob(f"*/{FAILED}"):
        with contextlib.suppress(OSError):
            if marked.read_text(encoding="utf-8") == name:
                shutil.rmtree(marked.parent, ignore_errors=True)
    with contextlib.suppress(OSError):
        (results / "slurm").rmdir()


def run_slurm(unit: Unit, array: Array, session: Session, indices: Indices, heard: Heard) -> None:
    """Every image by a task of a Slurm array; images of tasks that were lost are submitted again.

    ``name`` is that of the pass; what tasks said of one that failed is kept until :func:`forget` is told of it.

    Raises:
        SrbenchError: there is no ``sbatch``, it refuses, the model or the data failed, or what was
            submitted is lost twice.
    """
    if shutil.which("sbatch") is None:
        raise SrbenchError(NO_SLURM)
    folder = array.results / "slurm" / uuid.uuid4().hex[:12]
    try:
        _run_arrays(unit, folder, session, indices, heard, tasks=array.tasks)
    except BaseException:
        with contextlib.suppress(OSError):
            (folder / FAILED).write_text(array.name, encoding="utf-8")
        raise


def _run_arrays(unit: Unit, folder: Path, session: Session, indices: Indices, heard: Heard, *, tasks: int) -> None:
    missing = list(indices)
    for attempt in range(TRIES):
        place = folder / str(attempt)
        number = min(tasks or TASKS, len(missing))
        write_array(place, unit, missing, number)
        there = _submit(place, set(missing), heard)
        missing = [index for index in missing if index not in there]
        if not missing:
            shutil.rmtree(folder, ignore_errors=True)
            with contextlib.suppress(OSError):
                folder.parent.rmdir()
            return
    name = session.dataset.images[missing[0]].name
    which = f"image '{name}' was" if len(missing) == 1 else f"{len(missing)} images, '{name}' the first, were"
    raise SrbenchError(
        f"{which} computed by no task of the Slurm array; what the tasks said is in '{folder}'. The others are kept: "
        "the same command goes on."
    )


def write_array(folder: Path, unit: Unit, indices: Sequence[int], tasks: int) -> Path:
    """Write what the tasks need and the script of the array; returns the script's path."""
    folder = folder.absolute()
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "unit.pickle").write_bytes(pickle.dumps((unit, list(indices), tasks)))
    command = [sys.executable, "-m", "srbench.evaluation.executors.slurm_task", str(folder)]
    gpu = "#SBATCH --gres=gpu:1\n" if unit.device.startswith("cuda") else ""
    script = folder / "array.sh"
    script.write_text(
        "#!/bin/sh\n"
        "#SBATCH --job-name=srbench\n"
        f"#SBATCH --array=0-{tasks - 1}\n"
        f"#SBATCH --cpus-per-task={unit.threads}\n"
        f"{gpu}"
        f"#SBATCH --output={folder}/%a.log\n"
        f"export OMP_NUM_THREADS={unit.threads}\n"
        f"exec {shlex.join(command)}\n",
        encoding="utf-8",
    )
    script.chmod(0o755)
    return script


def _submit(folder: Path, wanted: set[int], heard: Heard) -> set[int]:
    """Submit the array and hear its rows until it has ended; returns the images that were computed."""
    there: set[int] = set()

    def listen() -> None:
        for row in journal.rows(folder, header(folder)):
            if row["index"] in wanted and row["index"] not in there:
                there.add(row["index"])
                heard(row)

    command = ["sbatch", "--wait", "--parsable", str(folder / "array.sh")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        pause, most = POLL_SECONDS
        printed, unknown, asked = "", 0, time.monotonic()
        try:
            while process.poll() is None and unknown < LOST_AFTER:
                time.sleep(pause)
                pause = min(pause * 1.5, most)
                listen()
                _raise_failures(folder)
                printed += _printed(process)
                if time.monotonic() - asked >= ALIVE_SECONDS:
                    unknown = 0 if _is_known(_number(printed)) else unknown + 1
                    asked = time.monotonic()
            if process.poll() is None:
                process.kill()
        except BaseException:
            _cancel(process, printed)
            raise
        errors = process.stderr.read() if process.stderr is not None else ""
    listen()
    _raise_failures(folder)
    if not there and process.returncode and unknown < LOST_AFTER:
        last = (errors.strip().splitlines() or [f"exit code {process.returncode}"])[-1]
        raise SrbenchError(f"sbatch refused the array '{folder / 'array.sh'}': {last}")
    return there


def header(folder: Path) -> dict[str, str]:
    """The header of the rows of one array."""
    return {"array": "/".join(folder.absolute().parts[-2:])}


def _raise_failures(folder: Path) -> None:
    for failed in sorted(folder.glob("*.failed")):
        raise ModelFailure(failed.read_text(encoding="utf-8").strip())


def _printed(process: subprocess.Popen[str]) -> str:
    """What ``sbatch`` has printed since the last question; it is not waited for."""
    if process.stdout is None:
        return ""
    os.set_blocking(process.stdout.fileno(), False)
    with contextlib.suppress(BlockingIOError):
        return os.read(process.stdout.fileno(), 4096).decode("utf-8", "replace")
    return ""


def _number(printed: str) -> str:
    """The array's number, which ``sbatch --parsable`` says first; '' until it has."""
    number = printed.strip().partition(";")[0].partition("\n")[0]
    return number if number.isdigit() else ""


def _is_known(number: str) -> bool:
    """Whether Slurm still has the array; True where it cannot be asked or does not answer."""
    if not number or shutil.which("squeue") is None:
        return True
    try:
        answer = subprocess.run(["squeue", "-h", "-j", number], capture_output=True, text=True, timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return True
    if answer.returncode:
        return "invalid job id" not in answer.stderr.lower()
    return bool(answer.stdout.strip())


def _cancel(process: subprocess.Popen[str], printed: str) -> None:
    """Take the array back."""
    process.terminate()
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(10)
    number = _number(printed + _printed(process))
    if number and shutil.which("scancel") is not None:
        with contextlib.suppress(subprocess.TimeoutExpired):
            subprocess.run(["scancel", number], check=False, capture_output=True, env=os.environ, timeout=60)
