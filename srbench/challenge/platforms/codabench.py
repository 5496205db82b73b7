"""A Codabench competition, version 2; as its unpacker of v1.25 and its compute worker want it."""

from __future__ import annotations

import datetime
import shutil
from pathlib import Path
from typing import Any

from srbench.challenge.planning import columns_of
from srbench.challenge.platforms import pages
from srbench.challenge.platforms.carried import SCORE_PY, datasets_of, plan_for, write_core
from srbench.challenge.platforms.platform import BundleOptions
from srbench.challenge.platforms.remarks import reference_counts
from srbench.challenge.score.names import sort_files
from srbench.challenge.score.plan import Plan
from srbench.rules import Rules

COMMAND = "python3 /app/program/score.py /app/input/ /app/output/"
LONGEST_TITLE = 36
TIME_LIMIT = 600


def write(folder: Path, rules: Rules, options: BundleOptions) -> None:
    """Write ``competition.yaml`` and all it names into ``folder``."""
    import yaml

    write_texts(folder, rules, options)
    tasks, phases = [], []
    begin = options.start
    names = datasets_of(rules, options)
    for index, name in enumerate(names):
        write_program(folder / f"scoring_program_{name}", plan_for(rules, options, name), COMMAND)
        tasks.append({"index": index, "name": name, "scoring_program": f"scoring_program_{name}"})
        if name in options.references:
            copy_references(options.references[name], folder / f"ref_{name}", rules.scale)
            tasks[-1]["reference_data"] = f"ref_{name}"
        title = next(d.title for d in rules.datasets if d.id == name)
        phases.append(_phase(index, f"{name}: {title}"[:LONGEST_TITLE], begin, options.days, index == len(names) - 1))
        begin += datetime.timedelta(days=options.days)
    competition = {
        "version": 2,
        "title": rules.title,
        "description": f"{rules.short}: super-resolution by a factor of {rules.scale}",
        "image": "logo.png",
        "terms": "terms.md",
        "docker_image": options.image,
        "enable_detailed_results": True,
        "pages": [{"title": "Overview", "file": "overview.md"}, {"title": "Evaluation", "file": "evaluation.md"}],
        "tasks": tasks,
        "phases": phases,
        "leaderboards": [_leaderboard(rules)],
    }
    text = yaml.safe_dump(competition, sort_keys=False, allow_unicode=True, width=1000)
    (folder / "competition.yaml").write_text(text, encoding="utf-8")


def write_texts(folder: Path, rules: Rules, options: BundleOptions) -> None:
    """Pages, terms and logo."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "logo.png").write_bytes(pages.logo())
    texts = {"terms.md": pages.terms, "overview.md": pages.overview, "evaluation.md": pages.evaluation}
    counts = reference_counts(rules, options)
    for name, make in texts.items():
        (folder / name).write_text(make(rules, counts), encoding="utf-8")


def write_program(folder: Path, plan: Plan, command: str, metadata: str = "metadata.yaml") -> None:
    """A scoring program: the core, the plan, the script, and how the platform starts it."""
    write_core(folder)
    (folder / "score.py").write_text(SCORE_PY, encoding="utf-8")
    (folder / "plan.json").write_text(plan.to_json(), encoding="utf-8")
    (folder / metadata).write_text(f"command: {command}\n", encoding="utf-8")
    (folder / "Dockerfile").write_text(
        "# An image that can run this program; give its name as docker_image.\n"
        "FROM python:3.9-slim\nRUN pip install --no-cache-dir 'numpy==1.26.4' 'Pillow>=10'\n",
        encoding="utf-8",
    )


def copy_references(source: Path, target: Path, scale: int) -> None:
    """Copy the HR images, and nothing else, into a bundle."""
    target.mkdir(parents=True, exist_ok=True)
    for path in sort_files((p.name for p in source.iterdir() if p.is_file()), scale).images.values():
        shutil.copyfile(source / path, target / path)


def _phase(index: int, name: str, begin: datetime.date, days: int, last: bool) -> dict[str, Any]:
    start = datetime.datetime.combine(begin, datetime.time())
    phase: dict[str, Any] = {"index": index, "name": name, "description": name, "start": start}
    if not last:
        phase["end"] = start + datetime.timedelta(days=days) - datetime.timedelta(minutes=1)
    phase |= {"tasks": [index], "max_submissions_per_day": 5, "max_submissions": 100}
    phase["execution_time_limit"] = TIME_LIMIT
    return phase


def _leaderboard(rules: Rules) -> dict[str, Any]:
    columns = [
        {
            "title": column.title[:LONGEST_TITLE],
            "key": column.key,
            "index": index,
            "sorting": "desc" if column.direction == "higher" else "asc",
            "precision": column.digits,
        }
        for index, column in enumerate(columns_of(rules))
    ]
    return {"title": "Results", "key": "main", "submission_rule": "Force_Best", "columns": columns}
