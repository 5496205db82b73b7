"""A CodaLab competition, version 1.5, which older servers still take; programs and references are zips."""

from __future__ import annotations

import datetime
import shutil
import tempfile
from pathlib import Path
from typing import Any

from srbench.challenge.planning import columns_of
from srbench.challenge.platforms.carried import datasets_of, plan_for
from srbench.challenge.platforms.codabench import copy_references, write_program, write_texts
from srbench.challenge.platforms.pack import pack
from srbench.challenge.platforms.platform import BundleOptions
from srbench.rules import Rules

COMMAND = "python3 $program/score.py $input $output --txt"


def write(folder: Path, rules: Rules, options: BundleOptions) -> None:
    """Write ``competition.yaml`` and all it names into ``folder``."""
    import yaml

    write_texts(folder, rules, options)
    phases: dict[int, dict[str, Any]] = {}
    for number, name in enumerate(datasets_of(rules, options), start=1):
        phases[number] = _phase(folder, rules, options, number, name)
    board = {"label": "Results", "rank": 1}
    competition = {
        "title": rules.title,
        "description": f"{rules.short}: super-resolution by a factor of {rules.scale}",
        "image": "logo.png",
        "has_registration": True,
        "competition_docker_image": options.image,
        "html": {"overview": "overview.md", "evaluation": "evaluation.md", "terms": "terms.md"},
        "leaderboard": {
            "leaderboards": {"Results": board},
            "columns": {
                column.key: {
                    "leaderboard": board,
                    "label": column.title,
                    "rank": rank,
                    "sort": "desc" if column.direction == "higher" else "asc",
                    "numeric_format": column.digits,
                }
                for rank, column in enumerate(columns_of(rules), start=1)
            },
        },
        "phases": phases,
    }
    text = yaml.safe_dump(competition, sort_keys=False, allow_unicode=True, width=1000)
    (folder / "competition.yaml").write_text(text, encoding="utf-8")


def _phase(folder: Path, rules: Rules, options: BundleOptions, number: int, name: str) -> dict[str, Any]:
    """One phase, and the zips that it names."""
    title = next(d.title for d in rules.datasets if d.id == name)
    phase: dict[str, Any] = {
        "phasenumber": number,
        "label": f"{name}: {title}",
        "start_date": options.start + datetime.timedelta(days=options.days * (number - 1)),
        "max_submissions": 100,
        "max_submissions_per_day": 5,
        "execution_time_limit": 600,
        "scoring_program": f"scoring_program_{name}.zip",
    }
    with tempfile.TemporaryDirectory() as temporary:
        program = Path(temporary) / "program"
        write_program(program, plan_for(rules, options, name), COMMAND, "metadata")
        pack(program, folder / f"scoring_program_{name}.zip")
        if name in options.references:
            copy_references(options.references[name], Path(temporary) / "ref", rules.scale)
            pack(Path(temporary) / "ref", folder / f"ref_{name}.zip")
            phase["reference_data"] = f"ref_{name}.zip"
        shutil.rmtree(program)
    return phase
