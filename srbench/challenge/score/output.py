"""What a scoring program leaves behind: scores, whole or not at all, and a page that shows nothing unescaped."""

from __future__ import annotations

import contextlib
import html
import json
import os
from collections.abc import Mapping
from pathlib import Path

from srbench.challenge.score.efficiency import NOT_TO_BE_HAD
from srbench.challenge.score.plan import DECLARED, MEASURED, Plan
from srbench.challenge.score.scoring import NOT_DECLARED, Scored
from srbench.challenge.score.verdict import Problem, printable

SCORES = ("scores.json", "scores.txt")
DETAILS = "detailed_results.html"


class OutputError(Exception):
    """The output folder cannot be used: the organiser's error."""


def clear(folder: Path) -> None:
    """Make the folder and remove scores of an earlier run.

    Raises:
        OutputError: it cannot be made or written to.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name in (*SCORES, DETAILS):
            with contextlib.suppress(FileNotFoundError):
                (folder / name).unlink()
    except OSError as error:
        raise OutputError(f"cannot write to the output folder '{folder}': {error.strerror}.") from error


def write_whole(path: Path, text: str) -> None:
    """Write a text file that appears whole or not at all.

    Raises:
        OutputError: it cannot be written.
    """
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        part.write_bytes(text.encode("utf-8", "backslashreplace"))
        part.replace(path)
    except OSError as error:
        raise OutputError(f"cannot write '{path}': {error.strerror}.") from error
    finally:
        with contextlib.suppress(OSError):
            part.unlink()


def scores_json(scored: Scored, plan: Plan) -> str:
    """A flat object of every column; numbers in full, so that nothing is lost on the way."""
    return json.dumps(scored.published(plan), indent=1, allow_nan=False, sort_keys=True) + "\n"


def scores_txt(scored: Scored, plan: Plan) -> str:
    """The same as YAML lines for older platforms; "key:value" without a space would be read as one string."""
    return "".join(f"{key}: {value!r}\n" for key, value in sorted(scored.published(plan).items()))


def shown_values(values: Mapping[str, float], plan: Plan) -> str:
    """Published values for people: without what is not declared, which platforms store as a number."""
    scores = {score.key for score in plan.scores}
    known, lacking, without = [], [], []
    for column in plan.columns:
        value = values.get(column.key)
        if value is None:
            continue
        if column.value in DECLARED and value == NOT_DECLARED:
            lacking.append(column.key)
        elif column.value in scores and value == NOT_TO_BE_HAD:
            without.append(column.key)
        else:
            known.append(f"{column.key} {value:.6g}")
    parts = [", ".join(known), f"not declared: {', '.join(lacking)}" if lacking else ""]
    parts.append(f"so without: {', '.join(without)}" if without else "")
    return "; ".join(filter(None, parts))


def report_lines(scored: Scored) -> list[str]:
    """The verdict for people, one line for each problem and note."""
    lines = [f"{_label(problem)}: {problem.sentence()}" for problem in scored.verdict.problems]
    return lines + [f"note: {note.text}" for note in scored.verdict.notes]


def _label(problem: Problem) -> str:
    return {"organiser": "organiser error", "limit": "stopped", "submission": "invalid"}[problem.blame]


_STYLE = (
    "body{font:14px/1.5 sans-serif;margin:2em;max-width:60em}table{border-collapse:collapse}"
    "td,th{padding:.2em .8em;text-align:right;border-bottom:1px solid #ddd}"
    "td:first-child,th:first-child{text-align:left}li{overflow-wrap:anywhere}"
)


def details_html(scored: Scored, plan: Plan) -> str:
    """A self-contained page; everything of the submission in it is escaped."""
    parts = [
        "<!doctype html>",
        '<html lang="en"><head><meta charset="utf-8">',
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">",
        f"<title>{html.escape(plan.title)}</title><style>{_STYLE}</style></head><body>",
        f"<h1>{html.escape(plan.title)}</h1>",
        f"<p>Rules {html.escape(plan.rules)}, protocol {html.escape(plan.measure.protocol)}: "
        f"<b>{html.escape(scored.verdict.outcome)}</b>.</p>",
    ]
    lines = report_lines(scored)
    if lines:
        parts.append("<ul>" + "".join(f"<li>{html.escape(line)}</li>" for line in lines) + "</ul>")
    if scored.images:
        parts.append(_table(scored))
    if scored.declared.description:
        text = html.escape(scored.declared.description)
        parts.append(f'<h2>As declared in the readme</h2><p style="white-space:pre-wrap">{text}</p>')
    return "\n".join((*parts, "</body></html>")) + "\n"


def _table(scored: Scored) -> str:
    shown = [one for one in MEASURED if one.name in scored.measured]

    def row(head: str, values: Mapping[str, float]) -> str:
        cells = (f"<td>{one.text(values[one.name], 'equal', with_unit=False)}</td>" for one in shown)
        return f"<tr>{head}{''.join(cells)}</tr>"

    means = {one.name: scored.mean(one.name) for one in shown}
    rows = [row(f"<th>mean of {len(scored.images)}</th>", means)]
    rows += [row(f"<td>{html.escape(printable(stem))}</td>", image.values) for stem, image in scored.images.items()]
    heads = "".join(f"<th>{one.title} [{one.unit}]</th>" if one.unit else f"<th>{one.title}</th>" for one in shown)
    return f"<table><tr><th>image</th>{heads}</tr>{''.join(rows)}</table>"
