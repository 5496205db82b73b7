"""The table of a run for the console, Markdown, LaTeX, CSV and JSON."""

from __future__ import annotations

import csv
import io
import json
import math
import os
import shutil
import sys
from collections.abc import Sequence
from typing import Any, Literal

from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from srbench.errors import SrbenchError
from srbench.report.grid import Block, Grid, Span, cell_text, markdown, plain
from srbench.report.latex import latex
from srbench.report.numbers import MISSING, macs_text, params_text, psnr_text, ssim_text
from srbench.report.protocol_text import protocol_sentence
from srbench.report.runtable import Group, Row, counts_label, groups, labelled_substitutions, pick_counts
from srbench.results.record import CellRecord

Format = Literal["table", "markdown", "latex", "csv", "json"]
FORMATS: tuple[Format, ...] = ("table", "markdown", "latex", "csv", "json")


def render(
    records: Sequence[CellRecord], fmt: str = "table", *, width: int | None = None, colour: bool | None = None
) -> str:
    """The table of ``records`` as text in ``fmt`` ("table", "markdown", "latex", "csv" or "json").

    A row per model x weights, grouped by protocol and scale; per column the best is bold and, of three or more
    figures, the second underlined, ties sharing a mark. ``width`` and ``colour`` (terminal codes; by default on a
    terminal only) matter for "table" only.

    Raises:
        SrbenchError: unknown format.
    """
    if fmt == "table":
        return _console_text(records, width, sys.stdout.isatty() if colour is None else colour)
    if fmt == "csv":
        return _csv(records)
    if fmt == "json":
        return json.dumps({"schema": "srbench.table/1", "rows": rows(records)}, indent=2, ensure_ascii=False) + "\n"
    if fmt in ("markdown", "latex"):
        grids = [grid(group) for group in groups(records)]
        return "\n".join(markdown(one) if fmt == "markdown" else latex(one) for one in grids)
    raise SrbenchError(f"unknown format '{fmt}'; expected one of {', '.join(FORMATS)}.")


def grid(group: Group) -> Grid:
    """One group as a grid: method, weights, params, MACs, then PSNR/SSIM per dataset."""
    header = ["Method", "Weights", "Params", "MACs", *(f"{column.label} PSNR/SSIM" for column in group.columns)]
    lines = []
    for index, row in enumerate(group.rows):
        cells = [plain(row.title), plain(row.weights.name), plain(params(row)), plain(macs_text(_macs(row)))]
        for place, value in enumerate(row.values):
            if value is None:
                cells.append(plain(missing_text(row)))
                continue
            cells.append(
                (
                    Span(psnr_text(value.psnr), group.mark(index, place, "psnr")),
                    Span("/"),
                    Span(ssim_text(value.ssim), group.mark(index, place, "ssim")),
                )
            )
        lines.append(tuple(cells))
    caption = f"Scale ×{group.scale}, protocol {group.protocol}"
    align = "ll" + "r" * (len(header) - 2)
    label = f"tab:{group.ident}"
    return Grid(caption, tuple(header), align, (Block("", tuple(lines)),), notes(group), label)


def params(row: Row) -> str:
    """Parameters of a row in K."""
    return params_text(row.cost.params if row.cost else None)


def _macs(row: Row) -> int | None:
    return row.macs.macs if row.macs else None


def missing_text(row: Row) -> str:
    """What stands in a cell without quality: the reason, or an en dash where nothing was computed."""
    return row.missing[0] if len(row.missing) == 1 else MISSING


def notes(group: Group, substitutions: bool = True) -> tuple[str, ...]:
    """What must be read with the table: protocol, how MACs were counted, weights' notes, substitutions.

    A page that shows the substitutions at its top leaves them out here.
    """
    found = [f"Protocol {protocol_sentence(group.parameters)}"]
    how = dict.fromkeys(counts_label(row.macs, group.scale) for row in group.rows if row.macs)
    if how:
        found.append(f"MACs: multiply-accumulates, {'; '.join(how)}.")
    for row in group.rows:
        note = row.weights.note.rstrip(".")
        if note:
            found.append(f"{row.title}, {row.weights.name}: {note}.")
    if substitutions:
        found += [f"{label}: {line}" for label, line in labelled_substitutions(group.rows)]
    return tuple(dict.fromkeys(found))


def console_tables(records: Sequence[CellRecord]) -> list[RenderableType]:
    """Rich tables, one per protocol and scale, each followed by its notes."""
    parts: list[RenderableType] = []
    styles = {"best": "bold", "second": "underline", "": ""}
    for group in groups(records):
        data = grid(group)
        table = Table(title=data.caption, title_justify="left", title_style="bold", header_style="bold")
        for place, name in enumerate(data.header):
            right = data.align[place] == "r"
            heading = name.replace(" PSNR/SSIM", "\nPSNR/SSIM")
            table.add_column(heading, justify="right" if right else "left", no_wrap=place != 1, overflow="fold")
        for line in data.blocks[0].rows:
            cells = []
            for cell in line:
                text = Text()
                for span in cell:
                    text.append(span.text, styles[span.mark])
                if cell_text(cell) in (MISSING, "no weights", "none"):
                    text.stylize("dim")
                cells.append(text)
            table.add_row(*cells)
        parts.append(table)
        parts += [Text(note, style="dim") for note in data.notes]
        parts.append(Text(""))
    return parts[:-1]


def _console_text(records: Sequence[CellRecord], width: int | None, colour: bool) -> str:
    parts = console_tables(records)
    stream = io.StringIO()
    ruler = Console(width=10_000)
    natural = max((ruler.measure(part).maximum for part in parts if isinstance(part, Table)), default=80)
    console = Console(
        file=stream,
        width=width or _width(max(natural, 80)),
        force_terminal=colour,
        color_system="standard" if colour and not os.environ.get("NO_COLOR") else None,
        highlight=False,
        emoji=False,
    )
    for part in parts:
        console.print(part)
    return "\n".join(line.rstrip() for line in stream.getvalue().splitlines()) + "\n"


def _width(natural: int) -> int:
    """The width the table wants, or the terminal's where that is narrower."""
    return min(natural, shutil.get_terminal_size().columns) if sys.stdout.isatty() else natural


def rows(records: Sequence[CellRecord]) -> list[dict[str, Any]]:
    """One plain dict per cell, full precision; PSNR of identical images is None with ``identical_images`` > 0."""
    found = []
    for group in groups(records):
        for row in group.rows:
            found += [_cell_row(record) for record in row.records]
    return found


_COLUMNS = (
    "model", "title", "weights", "weights_origin", "weights_sha256", "scale", "dataset", "lr", "images", "limit",
    "data_sha256", "protocol", "psnr", "ssim", "identical_images", "quality_missing", "params", "macs",
    "macs_convention", "macs_input_size", "activations", "num_conv", "runtime_median_ms", "runtime_input_size",
    "peak_memory_bytes", "machine", "substitutions", "command", "created",
)  # fmt: skip


def _cell_row(record: CellRecord) -> dict[str, Any]:
    cost, quality = record.cost, record.quality
    counts = pick_counts(cost, record.scale)
    return {
        "model": record.model.name,
        "title": record.model.title,
        "weights": record.weights.name,
        "weights_origin": record.weights.origin,
        "weights_sha256": record.weights.sha256,
        "scale": record.scale,
        "dataset": record.dataset.name,
        "lr": record.dataset.lr,
        "images": record.dataset.images,
        "limit": record.dataset.limit,
        "data_sha256": record.dataset.sha256,
        "protocol": record.protocol.get("id"),
        "psnr": quality.psnr if quality else None,
        "ssim": quality.ssim if quality else None,
        "identical_images": quality.identical_images if quality else None,
        "quality_missing": record.quality_missing,
        "params": cost.params if cost else None,
        "macs": counts.macs if counts else None,
        "macs_convention": counts.convention if counts else None,
        "macs_input_size": list(counts.input_size) if counts else None,
        "activations": counts.activations if counts else None,
        "num_conv": counts.num_conv if counts else None,
        "runtime_median_ms": cost.runtime.median_ms if cost and cost.runtime else None,
        "runtime_input_size": list(cost.runtime.input_size) if cost and cost.runtime else None,
        "peak_memory_bytes": cost.memory.total_bytes if cost and cost.memory else None,
        "machine": record.machine,
        "substitutions": list(record.substitutions),
        "command": record.command,
        "created": record.created,
    }


def _csv(records: Sequence[CellRecord]) -> str:
    stream = io.StringIO()
    lines = rows(records)
    writer = csv.DictWriter(stream, fieldnames=_COLUMNS, lineterminator="\n")
    writer.writeheader()
    for line in lines:
        if line["identical_images"]:
            line["psnr"] = math.inf
        for key in ("macs_input_size", "runtime_input_size"):
            line[key] = "x".join(str(side) for side in line[key]) if line[key] else None
        line["substitutions"] = "; ".join(line["substitutions"])
        writer.writerow(line)
    return stream.getvalue()
