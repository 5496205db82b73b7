"""An EvalAI challenge: configuration, templates, references as one file a phase, and ``evaluate`` as a package."""

from __future__ import annotations

import datetime
import html
import json
import tempfile
from pathlib import Path
from typing import Any

from srbench.challenge.planning import columns_of
from srbench.challenge.platforms import pages
from srbench.challenge.platforms.carried import datasets_of, plan_for, write_core
from srbench.challenge.platforms.codabench import copy_references
from srbench.challenge.platforms.pack import pack
from srbench.challenge.platforms.platform import BundleOptions
from srbench.challenge.platforms.remarks import reference_counts
from srbench.rules import Rules

INIT_PY = '''"""EvalAI imports this package and calls ``evaluate``."""

import pathlib

from .srbench_score.evalai import evaluate_from

_HERE = pathlib.Path(__file__).resolve().parent


def evaluate(*arguments, **keywords):
    """Hosted: (test_annotation_file, user_annotation_file, phase_codename); remote: (user_submission_file,
    phase_codename, test_annotation_file). Raises an Exception with every problem of an invalid submission.
    """
    return evaluate_from(_HERE, arguments, keywords)
'''


def write(folder: Path, rules: Rules, options: BundleOptions) -> None:
    """Write ``challenge_config.yaml`` and all it names into ``folder``."""
    import yaml

    names = datasets_of(rules, options)
    for part in ("templates", "annotations"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    (folder / "logo.png").write_bytes(pages.logo())
    counts = reference_counts(rules, options)
    for name, make in (
        ("description", pages.overview),
        ("evaluation_details", pages.evaluation),
        ("terms", pages.terms),
    ):
        (folder / "templates" / f"{name}.html").write_text(_as_html(make(rules, counts)), encoding="utf-8")
    with tempfile.TemporaryDirectory() as temporary:
        script = Path(temporary) / "script"
        write_script(script, rules, options)
        pack(script, folder / "evaluation_script.zip")
        for name in (name for name in names if name in options.references):
            references = Path(temporary) / name
            copy_references(options.references[name], references, rules.scale)
            pack(references, folder / "annotations" / f"references_{name}.zip")
    text = yaml.safe_dump(_config(rules, options, names), sort_keys=False, allow_unicode=True, width=1000)
    (folder / "challenge_config.yaml").write_text(text, encoding="utf-8")


def write_script(folder: Path, rules: Rules, options: BundleOptions) -> None:
    """The evaluation package."""
    names = datasets_of(rules, options)
    write_core(folder)
    given = [name for name in names if name in options.references]
    plan = plan_for(rules, options, given[0]) if len(given) == 1 else plan_for(rules, BundleOptions(), names[0])
    (folder / "__init__.py").write_text(INIT_PY, encoding="utf-8")
    (folder / "plan.json").write_text(plan.to_json(), encoding="utf-8")
    (folder / "splits.json").write_text(json.dumps({name: name for name in names}) + "\n", encoding="utf-8")
    (folder / "requirements.txt").write_text("numpy\nPillow\n", encoding="utf-8")


def _as_html(text: str) -> str:
    """A page's text as it is written; nothing in it is taken as markup."""
    return f'<div style="white-space: pre-wrap">{html.escape(text)}</div>\n'


def _config(rules: Rules, options: BundleOptions, names: tuple[str, ...]) -> dict[str, Any]:
    start = datetime.datetime.combine(options.start, datetime.time())
    end = start + datetime.timedelta(days=options.days * len(names))
    columns = columns_of(rules)
    labels = [column.key for column in columns]
    metadata = {
        column.key: {"sort_ascending": column.direction == "lower", "description": column.title} for column in columns
    }
    return {
        "title": rules.title,
        "short_description": f"{rules.short}: super-resolution by a factor of {rules.scale}",
        "description": "templates/description.html",
        "evaluation_details": "templates/evaluation_details.html",
        "terms_and_conditions": "templates/terms.html",
        "image": "logo.png",
        "submission_guidelines": "templates/evaluation_details.html",
        "evaluation_script": "evaluation_script.zip",
        "remote_evaluation": False,
        "start_date": start,
        "end_date": end,
        "published": False,
        "leaderboard": [{"id": 1, "schema": {"labels": labels, "default_order_by": labels[0], "metadata": metadata}}],
        "challenge_phases": [_phase(i, name, rules, options, start) for i, name in enumerate(names, start=1)],
        "dataset_splits": [{"id": i, "name": name, "codename": name} for i, name in enumerate(names, start=1)],
        "challenge_phase_splits": [
            {
                "challenge_phase_id": i,
                "leaderboard_id": 1,
                "dataset_split_id": i,
                "visibility": 3,
                "leaderboard_decimal_precision": 4,
                "is_leaderboard_order_descending": True,
            }
            for i, _ in enumerate(names, start=1)
        ],
    }


def _phase(number: int, name: str, rules: Rules, options: BundleOptions, start: datetime.datetime) -> dict[str, Any]:
    begin = start + datetime.timedelta(days=options.days * (number - 1))
    phase: dict[str, Any] = {
        "id": number,
        "name": next(d.title for d in rules.datasets if d.id == name),
        "codename": name,
        "description": "templates/description.html",
        "leaderboard_public": True,
        "is_public": True,
        "start_date": begin,
        "end_date": begin + datetime.timedelta(days=options.days),
        "max_submissions_per_day": 5,
        "max_submissions_per_month": 50,
        "max_submissions": 100,
        "allowed_submission_file_types": ".zip, .tar, .gz",
    }
    if name in options.references:
        phase["test_annotation_file"] = f"annotations/references_{name}.zip"
    return phase
