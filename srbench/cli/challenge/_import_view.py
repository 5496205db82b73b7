"""What ``challenge import`` prints."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Any

import click

from srbench.challenge.imported import Counting, EntryProfile, ImportedRepository, profile_all
from srbench.challenge.named import entries_named
from srbench.challenge.spec import EntrySpec
from srbench.challenge.wants import has_stand_in
from srbench.cost.load import cores
from srbench.isolation.process import Setting
from srbench.printable import spreadsheet_cell, visible
from srbench.report.grid import escape_markdown
from srbench.rules import Rules

DEFAULT_CONVENTIONS = ("ntire-hooks", "fvcore")


def chosen(found: ImportedRepository, ids: Sequence[str]) -> ImportedRepository:
    """Only the entries asked for."""
    if not ids:
        return found
    known = {entry.id: entry for entry in found.entries}
    return replace(found, entries=tuple(known[name] for name in entries_named(ids, list(known), "--entries")))


def opened(
    found: ImportedRepository, rules: Rules | None, setting: Setting, workers: int | None, asked: frozenset[str]
) -> list[EntryProfile]:
    """Open and count every entry, telling each as it is done."""
    size, conventions = counted_with(rules)
    counting = Counting(size, conventions, setting)

    def tell(row: EntryProfile) -> None:
        click.echo(f"{row.spec.id}: {'not counted' if row.failure else 'counted'} ({row.seconds:.1f} s)", err=True)

    return list(profile_all(found.entries, counting, workers or cores(), asked, tell))


def counted_with(rules: Rules | None) -> tuple[tuple[int, int], tuple[str, ...]]:
    """Input size and counting conventions of some rules."""
    if rules is None:
        return (256, 256), DEFAULT_CONVENTIONS
    sizes = [column.input_size for column in rules.columns if column.input_size]
    names = [column.quantity.partition(":")[2] for column in rules.columns if ":" in column.quantity]
    return sizes[0] if sizes else (256, 256), tuple(dict.fromkeys(names)) or DEFAULT_CONVENTIONS


def as_data(found: ImportedRepository, rows: Sequence[EntryProfile], isolated: dict[str, Any]) -> dict[str, Any]:
    """Everything, for machines."""
    by_id = {row.spec.id: row for row in rows}
    entries = []
    for entry in found.entries:
        data = entry.model_dump(mode="json", exclude={"folder"})
        row = by_id.get(entry.id)
        if row is not None:
            data["opened"] = row.summary
            data["counts"] = row.counts
            data["failure"] = row.failure
        entries.append(data)
    return {
        "schema": "srbench.challenge.import/1",
        "loader": f"{found.loader}:{found.function}",
        "understood": len(found.understood),
        "isolation": isolated,
        "entries": entries,
    }


def entry_table(found: ImportedRepository, rows: Sequence[EntryProfile], fmt: str) -> str:
    """One line per entry: what was read, and whether it could be opened."""
    by_id = {row.spec.id: row for row in rows}
    header = ["ID", "Name", "Class", "Weights", "Key", "Range", *(["Params [M]"] if rows else []), "Not mapped because"]
    lines = []
    for entry in found.entries:
        row = by_id.get(entry.id)
        made = str(row.summary.get("class", "")) if row else ""
        cells = [
            entry.id, entry.title, entry.reference.rpartition("/")[2] or made, PurePosixPath(entry.weights).name,
            entry.key,
            f"{entry.data_range:g}" if entry.data_range else "",
        ]  # fmt: skip
        if rows:
            cells.append(f"{row.summary['params'] / 1e6:.3f}" if row and row.summary else "")
        lines.append([*cells, (row.failure if row else _with_flag(entry.reason)) or ""])
    return text_table(header, lines, fmt)


def _with_flag(reason: str) -> str:
    """A reason with the option that runs the loader, where that is what is lacking."""
    return reason.replace("only running it would tell", "only running it would tell (--allow-code)")


def profile_table(rows: Sequence[EntryProfile], fmt: str) -> str:
    """Complexity of all entries, a row each; MACs, activations and convolutions by every convention."""
    names = list(dict.fromkeys(name for row in rows if not row.failure for name in row.counts["counts"]))
    counted = [f"{what} {name}" for name in names for what in ("MACs [G]", "Acts [M]", "Convs")]
    header = ["ID", "Name", "Params [M]", *counted, "Memory [MiB]", "Remarks"]
    lines = []
    for row in rows:
        if row.failure:
            lines.append([row.spec.id, row.spec.title, *[""] * (len(header) - 3), row.failure])
            continue
        remarks = dict.fromkeys((*row.summary.get("shims", []), *row.counts.get("problems", [])))
        cells = [row.spec.id, row.summary.get("name") or row.spec.title, f"{row.counts['params'] / 1e6:.3f}"]
        for name in names:
            counts = row.counts["counts"][name]
            cells += [f"{counts['macs'] / 1e9:.2f}", f"{counts['activations'] / 1e6:.2f}", str(counts["convs"])]
        lines.append([*cells, f"{row.counts['memory'] / 2**20:.1f}", "; ".join(remarks)])
    return text_table(header, lines, fmt)


def text_table(header: Sequence[str], lines: Sequence[Sequence[str]], fmt: str) -> str:
    """Rows of cells as aligned text, CSV or Markdown; line breaks and control characters are shown as such."""
    clean = [[plain(cell) for cell in line] for line in (header, *lines)]
    if fmt == "csv":
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows([[spreadsheet_cell(cell) for cell in line] for line in clean])
        return text.getvalue().rstrip("\n")
    if fmt == "markdown":
        cells = [[escape_markdown(cell) for cell in line] for line in clean]
        return "\n".join(f"| {' | '.join(line)} |" for line in [cells[0], ["---"] * len(header), *cells[1:]])
    widths = [max(len(line[i]) for line in clean) for i in range(len(header))]
    return "\n".join("  ".join(c.ljust(w) for c, w in zip(line, widths, strict=True)).rstrip() for line in clean)


def plain(text: str) -> str:
    """Text without characters that act on a terminal."""
    return visible(str(text))


def remarks(found: ImportedRepository, rows: Sequence[EntryProfile]) -> list[str]:
    """What is worth telling beside the table."""
    lines = [f"{_count(len(found.understood), len(found.entries))} understood by reading {found.loader}."]
    for entry in found.entries:
        lines += _about(entry)
    if rows:
        done = sum(1 for row in rows if not row.failure)
        lines.append(f"{_count(done, len(rows), 'was', 'were')} opened and counted.")
    return [plain(line) for line in lines]


def _count(some: int, every: int, one: str = "is", many: str = "are") -> str:
    """``3 of 5 entries are``, ``1 of 1 entry is``."""
    return f"{some} of {every} {'entry' if every == 1 else 'entries'} {one if every == 1 else many}"


def _stand_ins(entry: EntrySpec) -> str:
    """What stands in for the packages that an entry lacks, or would with ``--shims``."""
    packages = dict.fromkeys(symbol.partition(".")[0] for symbol in entry.missing)
    lacking = [package for package in packages if not has_stand_in(package)]
    if lacking:
        return f"there is no stand-in for {', '.join(lacking)}"
    return "stand-ins are used" if entry.shims else "--shims may stand in"


def _about(entry: EntrySpec) -> list[str]:
    lines = []
    if entry.missing:
        lines.append(f"{entry.id}: wants {', '.join(entry.missing[:8])}, not installed ({_stand_ins(entry)}).")
    if entry.acts:
        lines.append(
            f"{entry.id}: starts processes or fetches: {'; '.join(entry.acts[:3])} (run with --run {entry.id})."
        )
    return lines
