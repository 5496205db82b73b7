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
from pathlib import Path

from srbench.errors import SrbenchError
from srbench.evaluation.engine.session import Session
from srbench.evaluation.engine.unit import Unit
from srbench.evaluation.executors import Heard, Indices
from srbench.evaluation.images import ModelFailure
from srbench.results import journal

TASKS = 16
"""Tasks of an array unless told otherwise."""
TRIES = 2
"""Arrays that are submitted for images that nobody computed."""
POLL_SECONDS = (0.2, 5.0)
"""How often rows are looked for: at first, and in the long run."""


def run_slurm(unit: Unit, results: Path, session: Session, indices: Indices, heard: Heard, *, tasks: int = 0) -> None:
    """Every image by a task of a Slurm array; images of tasks that were lost are submitted again.

    Raises:
        SrbenchError: there is no ``sbatch``, it refuses, the model or the data failed, or tasks are lost twice.
    """
    if shutil.which("sbatch") is None:
        raise SrbenchError("--executor slurm needs 'sbatch', which is not found here; run it on a login node.")
    missing = list(indices)
    folder = results / "slurm" / uuid.uuid4().hex[:12]
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
    raise SrbenchError(
        f"{len(missing)} images were computed by no task of the Slurm array, the first of them '{name}'; "
        f"what the tasks said is in '{folder}'."
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
        for index, row in journal.rows(folder, header(folder)).items():
            if index in wanted and index not in there:
                there.add(index)
                heard(row)

    command = ["sbatch", "--wait", "--parsable", str(folder / "array.sh")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        pause, most = POLL_SECONDS
        try:
            while process.poll() is None:
                time.sleep(pause)
                pause = min(pause * 1.5, most)
                listen()
                _raise_failures(folder)
        except BaseException:
            _cancel(process)
            raise
        errors = process.stderr.read() if process.stderr is not None else ""
    listen()
    _raise_failures(folder)
    if not there and process.returncode:
        last = (errors.strip().splitlines() or [f"exit code {process.returncode}"])[-1]
        raise SrbenchError(f"sbatch refused the array '{folder / 'array.sh'}': {last}")
    return there


def header(folder: Path) -> dict[str, str]:
    """The header of the rows of one array."""
    return {"array": "/".join(folder.absolute().parts[-2:])}


def _raise_failures(folder: Path) -> None:
    for failed in sorted(folder.glob("*.failed")):
        raise ModelFailure(failed.read_text(encoding="utf-8").strip())


def _cancel(process: subprocess.Popen[str]) -> None:
    """Take the array back; ``sbatch --parsable`` has said its number first."""
    process.terminate()
    number = (process.stdout.readline() if process.stdout is not None else "").strip().partition(";")[0]
    if number.isdigit() and shutil.which("scancel") is not None:
        subprocess.run(["scancel", number], check=False, capture_output=True, env=os.environ)
