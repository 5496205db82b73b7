"""What a task of a Slurm array does: ``python -m srbench.evaluation.executors.slurm_task FOLDER``."""

from __future__ import annotations

import os
import pickle
import sys
from pathlib import Path

from srbench.errors import SrbenchError
from srbench.evaluation.engine.unit import Unit
from srbench.evaluation.executors.slurm import header
from srbench.results import journal
from srbench.results.environment import write_machine


def main(folder: Path, task: int) -> int:
    """Compute every n-th image and leave its row beside those of the other tasks; 1 where the model or data failed."""
    unit, indices, tasks = pickle.loads((folder / "unit.pickle").read_bytes())
    assert isinstance(unit, Unit)
    try:
        session = unit.open()
        write_machine(folder.parents[2])  # the results folder
        with journal.Part(folder, header(folder)) as part:
            for index in indices[task::tasks]:
                part.append(session.score(index).row)
    except SrbenchError as error:
        (folder / f"{task}.failed").write_text(str(error), encoding="utf-8")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), int(os.environ["SLURM_ARRAY_TASK_ID"])))
