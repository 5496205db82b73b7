"""``srbench profile --repo DIR``: every network of a repository in one table, each counted in isolation."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from srbench.cli.profile_view import grid
from srbench.errors import SrbenchError

if TYPE_CHECKING:
    from srbench.cost.batch import Count, Job, Row
    from srbench.models.options import ModelOptions
    from srbench.models.repository import Repository
    from srbench.rules import Rules


def profile_repository(
    root: Path,
    options: ModelOptions,
    scale: int,
    size: tuple[int, int],
    conventions: tuple[str, ...],
    fmt: str | Rules,
) -> None:
    """Find, count and print. A network that cannot be counted is named with the reason and is no error.

    Args:
        root: the folder of the repository.
        options: what all networks are opened with.
        scale: upsampling factor.
        size: LR (height, width).
        conventions: counting conventions.
        fmt: a name (``srbench list formats``), or the rules whose columns are shown.

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
        click.echo(_table(counted, fmt) if isinstance(fmt, str) else _year_table(counted, fmt))
    for row in counted if fmt != "json" else ():
        for remark in row.remarks:
            click.echo(f"{row.label}: {remark.rstrip('.')}.", err=True)
    for label, reason in _worth_telling(counted, left_out):
        click.echo(f"{label}: not counted: {reason}{'' if reason.endswith('.') else '.'}", err=True)
    click.echo(f"{len(counted)} networks counted, {len(left_out)} classes left out.", err=True)
    lacking = sum("--shims" in reason for _, reason in left_out)
    if lacking:
        click.echo(f"{lacking} of those left out need packages that are not installed; --shims goes without.", err=True)
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


def _forms(row: Row) -> list[tuple[str, int, tuple[Count, ...]]]:
    """(form, parameters, counts), the one that is measured first."""
    return [(row.form, row.params, row.counts), *((one.form, one.params, one.counts) for one in row.forms)]


_OTHERWISE = ("counts", "forms", "failure", "seconds")


def _counts_json(counts: Sequence[Count]) -> dict[str, dict[str, int]]:
    return {
        name: {"macs": macs, "activations": activations, "num_conv": convs, "depth": depth}
        for name, macs, activations, convs, depth in counts
    }


def _as_json(counted: list[Row], left_out: list[tuple[str, str]]) -> dict[str, Any]:
    return {
        "models": [
            {
                **{name: value for name, value in asdict(row).items() if name not in _OTHERWISE},
                "counts": _counts_json(row.counts),
                "forms": [
                    {"form": form.form, "params": form.params, "counts": _counts_json(form.counts)}
                    for form in row.forms
                ],
            }
            for row in counted
        ],
        "left_out": [{"network": label, "reason": reason} for label, reason in left_out],
    }


def _table(counted: list[Row], fmt: str) -> str:
    """One line per network and convention; a lower bound is marked."""
    header = ("Network", "LR size", "Form", "Params [M]", "Convention", "MACs [G]", "Activations [M]", "Convs", "Depth")
    rows = [
        (
            row.label, f"{row.input_size[0]}x{row.input_size[1]}", form, f"{params / 1e6:.3f}",
            name, f"{_bound(row, form, name)}{macs / 1e9:.3f}", f"{activations / 1e6:.3f}", str(convs), str(depth),
        )
        for row in counted
        for form, params, counts in _forms(row)
        for name, macs, activations, convs, depth in counts
    ]  # fmt: skip
    return grid(header, rows, fmt, text_columns=(0, 2, 4))


def _bound(row: Row, form: str, convention: str) -> str:
    return ">=" if form == row.form and convention in row.lower_bounds else ""


def _year_table(counted: list[Row], rules: Rules) -> str:
    """A challenge's own columns."""
    from srbench.cli import profile_year

    return grid(*profile_year.table_of(rules, [line for row in counted for line in profile_year.lines_of_row(row)]))
