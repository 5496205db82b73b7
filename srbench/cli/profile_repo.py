"""``srbench profile --repo DIR``: every network of a repository in one table, each counted in isolation."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from srbench.errors import SrbenchError

if TYPE_CHECKING:
    from srbench.cost.batch import Job, Row
    from srbench.models.options import ModelOptions
    from srbench.models.repository import Repository


def profile_repository(
    root: Path, options: ModelOptions, scale: int, size: tuple[int, int], conventions: tuple[str, ...], fmt: str
) -> None:
    """Find, count and print. A network that cannot be counted is named with the reason and is no error.

    Raises:
        SrbenchError: no such folder, or no network in it could be counted.
    """
    from srbench.cost.batch import Setting, count_all
    from srbench.models.repository import read_repository

    repository = read_repository(root)
    jobs, left_out = _jobs(repository)
    setting = Setting(scale, size, conventions, replace(options, root=str(repository.root)))
    rows = list(count_all(jobs, setting, done=_tell))
    counted = [row for row in rows if not row.failure]
    left_out += [(row.label, row.failure) for row in rows if row.failure]
    if fmt == "json":
        click.echo(json.dumps(_as_json(counted, left_out), indent=1, ensure_ascii=False))
    else:
        click.echo(_table(counted, fmt))
    for label, reason in _worth_telling(counted, left_out):
        click.echo(f"{label}: not counted: {reason}{'' if reason.endswith('.') else '.'}", err=True)
    click.echo(f"{len(counted)} networks counted, {len(left_out)} classes left out.", err=True)
    if not counted:
        raise SrbenchError(f"no network of '{root}' could be counted.")


def _jobs(repository: Repository) -> tuple[list[Job], list[tuple[str, str]]]:
    from srbench.cost.batch import Job

    jobs: list[Job] = []
    left_out = [(str(file.relative_to(repository.root)), reason) for file, reason in repository.unreadable]
    for found in repository.networks:
        label = f"{found.file.relative_to(repository.root)}:{found.class_name}"
        if found.ways:
            jobs.append(Job(label, tuple(map(str, found.ways))))
        else:
            left_out.append((label, f"nothing in the repository says what {', '.join(found.lacks)} should be"))
    return jobs, left_out


def _tell(row: Row) -> None:
    click.echo(f"{row.label}: {'left out' if row.failure else 'counted'} ({row.seconds:.1f} s)", err=True)


def _worth_telling(counted: list[Row], left_out: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Reasons of the files that gave no network at all: in the others, what is left out are parts."""
    done = {row.label.rpartition(":")[0] for row in counted}
    return [(label, reason) for label, reason in left_out if label.rpartition(":")[0] not in done]


def _as_json(counted: list[Row], left_out: list[tuple[str, str]]) -> dict[str, Any]:
    return {
        "models": [
            {
                **{name: value for name, value in asdict(row).items() if name not in ("counts", "failure", "seconds")},
                "counts": {
                    name: {"macs": macs, "activations": activations, "num_conv": convs, "depth": depth}
                    for name, macs, activations, convs, depth in row.counts
                },
            }
            for row in counted
        ],
        "left_out": [{"network": label, "reason": reason} for label, reason in left_out],
    }


def _table(counted: list[Row], fmt: str) -> str:
    """One line per network and convention."""
    header = ("Network", "LR size", "Form", "Params [M]", "Convention", "MACs [G]", "Activations [M]", "Convs", "Depth")
    rows = [
        (
            row.label, f"{row.input_size[0]}x{row.input_size[1]}", row.form, f"{row.params / 1e6:.3f}",
            name, f"{macs / 1e9:.3f}", f"{activations / 1e6:.3f}", str(convs), str(depth),
        )
        for row in counted
        for name, macs, activations, convs, depth in row.counts
    ]  # fmt: skip
    if fmt == "csv":
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows((header, *rows))
        return text.getvalue().rstrip("\n")
    if fmt == "markdown":
        lines = [" | ".join(cells) for cells in (header, ("---",) * len(header), *rows)]
        return "\n".join(f"| {line} |" for line in lines)
    widths = [max(len(cells[i]) for cells in (header, *rows)) for i in range(len(header))]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if i in (0, 2, 4) else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(cells, widths, strict=True))
        ).rstrip()
        for cells in (header, *rows)
    )
