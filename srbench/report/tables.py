"""The table of a run: for the console, and as what every format is given."""

from __future__ import annotations

import io
import os
import shutil
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from srbench.metrics.protocol_text import protocol_sentence
from srbench.printable import visible
from srbench.quantities import DEFAULT_QUALITY, Quantity, counted_as, find_quantity, get_quantity
from srbench.quantities.number_text import MISSING
from srbench.report.formats import FORMATS, Export
from srbench.report.grid import Block, Grid, Span, cell_text, plain
from srbench.report.remarks import labelled_remarks, remarks_together
from srbench.report.runtable import Group, Row, groups, measured_quantities
from srbench.report.unsteady import legend as unsteady_legend
from srbench.report.unsteady import marked
from srbench.results.collection import Results, cost_at
from srbench.results.record import ENSEMBLE_VIEWS, CostRecord, QualityRecord
from srbench.results.words import sentences

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table


def render(
    results: Results,
    fmt: str = "table",
    *,
    width: int | None = None,
    colour: bool | None = None,
    costs: Sequence[str] = (),
) -> str:
    """The table of ``results`` as text: "table" for a terminal, else one of the registered formats.

    A row per model x weights, grouped by protocol and scale; per column the best is bold and, of three or more
    figures, the second underlined, ties sharing a mark. ``width`` and ``colour`` (terminal codes; by default on a
    terminal only) matter for "table" only. ``costs`` names quantities of networks that get a column each, besides
    parameters and MACs.

    Raises:
        SrbenchError: unknown format.
    """
    if fmt == "table":
        parts = console_tables(results, costs)
        return _console_text(parts, width, sys.stdout.isatty() if colour is None else colour)
    return FORMATS.get(fmt).text(export(results, costs))


def export(results: Results, costs: Sequence[str] = ()) -> Export:
    """The table of ``results``, ready for any format; ``costs`` as in :func:`render`."""
    names = _quality_names(results)
    grids = tuple(grid(group) for group in groups(results, costs))
    more = tuple(name for name in costs if name not in _AFTER)
    return Export("srbench.table/1", tuple(rows(results, more)), grids, columns=(*_BEFORE, *names, *_AFTER, *more))


def grid(group: Group) -> Grid:
    """One group as a grid: method, weights, params, MACs, then the quantities per dataset, such as PSNR/SSIM."""
    params, counting = get_quantity("params"), group.counting or None
    macs = counting.quantity if counting else get_quantity("macs")
    heading = what(group.quantities)
    header = ["Method", "Weights", params.title, macs.title.partition(" (")[0]]
    header += [column.heading for column in group.costs]
    header += [f"{column.label} {heading}" for column in group.columns]
    lines = []
    for index, row in enumerate(group.rows):
        cells = [plain(row.title), plain(row.weights.name), plain(params.text(row.parameters))]
        cells.append(plain(row.macs.text if row.macs else MISSING))
        cells += [plain(column.text(row)) for column in group.costs]
        for place, value in enumerate(row.values):
            if value is None:
                cells.append(plain(missing_text(row)))
                continue
            spans: list[Span] = []
            for quantity in group.quantities:
                spans += [Span("/")] if spans else []
                mark = group.mark(index, place, quantity.name)
                spans.append(Span(quantity.text(value.of(quantity.name)), mark))
            cells.append(tuple(spans))
        lines.append(tuple(cells))
    align = "ll" + "r" * (len(header) - 2)
    label = f"tab:{group.ident}"
    return Grid(group.caption, tuple(header), align, (Block("", tuple(lines)),), notes(group), label)


def what(quantities: Sequence[Quantity]) -> str:
    """The titles of quantities that stand in one cell: ``PSNR/SSIM``."""
    return "/".join(quantity.title for quantity in quantities)


def of_its_kind(quantity: Quantity) -> str:
    """That a quantity without a reference compares with itself only, as its parameters make its scale; "" of others."""
    if quantity.needs != "sr" or quantity.settings is None:
        return ""
    return f"{quantity.title}: compares with other values of {quantity.name} only."


def missing_text(row: Row) -> str:
    """What stands in a cell without quality: the reason, or an en dash where nothing was computed."""
    return row.missing[0] if len(row.missing) == 1 else MISSING


def _title(name: str) -> str:
    """Title of a quantity; its name where a stored result names one that is not known here."""
    known = find_quantity(name)
    return known.title if known is not None else name


def notes(group: Group, substitutions: bool = True, together: bool = False) -> tuple[str, ...]:
    """What must be read with the table: protocol, how MACs were counted, what is said of weights, substitutions.

    A page that shows the substitutions at its top leaves them out here. ``together``: what is said of several weights
    alike is one note.
    """
    found = [f"Protocol {protocol_sentence(group.parameters)}"] if group.protocol else []
    if group.counting:
        found.append(f"MACs: multiply-accumulates, {group.counting.label}.")
    found += _cost_notes(group)
    found += filter(None, map(of_its_kind, group.quantities))
    if any(row.apart.startswith("+") for row in group.rows):
        found.append(
            f"+: mean over the {ENSEMBLE_VIEWS} flips and turns of the image (self-ensemble); MACs of all passes."
        )
    of_weights: dict[str, list[str]] = {}
    named = Counter(row.weights.name for row in group.rows)  # images made elsewhere are all called alike
    for row in group.rows:
        note = row.weights.note.rstrip(".")
        if note and together:
            of_weights.setdefault(note, []).append(row.weights.name if named[row.weights.name] == 1 else row.title)
        elif note:
            found.append(f"{row.title}, {row.weights.name}: {note}.")
        for record in row.records:
            for name, reason in record.missing.items():
                found.append(f"{row.title}, no {_title(name)} on {record.dataset.name}: {reason}")
    found += [f"{', '.join(dict.fromkeys(names))}: {note}." for note, names in of_weights.items()]
    if not group.columns and group.rows:
        found.append(f"No weights, so only costs: {', '.join(dict.fromkeys(row.title for row in group.rows))}.")
    if substitutions:
        remarks = remarks_together if together else labelled_remarks
        found += [f"{label}: {line}" for label, line in remarks(group.rows)]
    return tuple(dict.fromkeys(found))


def _cost_notes(group: Group) -> list[str]:
    """At which size the columns of networks' quantities were measured, and why a cell of theirs is empty."""
    places: dict[str, list[str]] = {}
    for column in group.costs:
        if column.where:
            places.setdefault(column.where, []).append(column.quantity.title)
    found = [f"{', '.join(titles)}: {where}." for where, titles in places.items()]
    for column in group.costs:
        if legend := unsteady_legend([warning for row in group.rows for warning in column.warnings(row)]):
            found.append(f"{column.quantity.title}: {legend}.")
    for column in group.costs:
        for row in group.rows:
            if reason := column.reason(row):
                found.append(f"{row.title}, no {column.quantity.title}: {reason}")
    return found


def console_tables(results: Results, costs: Sequence[str] = ()) -> list[RenderableType]:
    """Rich tables, one per protocol and scale, each followed by its own notes; what several share stands once, last."""
    from rich.text import Text

    arranged = groups(results, costs)
    timed = [_runtimes(group) for group in arranged]
    below = [(*notes(group, together=True), *runtimes.note) for group, runtimes in zip(arranged, timed, strict=True)]
    times = Counter(note for each in below for note in dict.fromkeys(each))
    parts: list[RenderableType] = []
    for group, runtimes, own in zip(arranged, timed, below, strict=True):
        parts.append(_console_table(group, runtimes))
        parts += [Text(visible(note), style="dim") for note in own if times[note] == 1]
        parts.append(Text(""))
    shared = [Text(visible(note), style="dim") for note, count in times.items() if count > 1]
    return [*parts, *shared] if shared else parts[:-1]


def _console_table(group: Group, runtimes: _Runtimes) -> Table:
    from rich.table import Table
    from rich.text import Text

    styles = {"best": "bold", "second": "underline", "": ""}
    data, together = grid(group), what(group.quantities)
    table = Table(title=Text(visible(data.caption)), title_justify="left", title_style="bold", header_style="bold")
    costs = 4  # method, weights, parameters, MACs, and then the runtime
    header, align = list(data.header), list(data.align)
    if runtimes.texts:
        header.insert(costs, get_quantity("runtime").heading)
        align.insert(costs, "r")
    for place, name in enumerate(header):
        heading = name.replace(f" {together}", f"\n{together}") if together else name
        justify: Literal["left", "right"] = "right" if align[place] == "r" else "left"
        table.add_column(Text(visible(heading, lines=True)), justify=justify, no_wrap=place != 1, overflow="fold")
    for number, line in enumerate(data.blocks[0].rows):
        cells = []
        for cell in line:
            text = Text()
            for span in cell:
                text.append(visible(span.text), styles[span.mark])
            if cell_text(cell) in (MISSING, "no weights", "none"):
                text.stylize("dim")
            cells.append(text)
        if runtimes.texts:
            cells.insert(costs, Text(runtimes.texts[number]))
        table.add_row(*cells)
    return table


@dataclass(frozen=True)
class _Runtimes:
    """Runtimes of a group's rows, in one setting, and the note that says which; nothing where none was timed."""

    texts: tuple[str, ...] = ()
    note: tuple[str, ...] = ()


def _runtimes(group: Group) -> _Runtimes:
    """Of the machine, device and input size that most rows were timed on: others are not comparable."""
    quantity = get_quantity("runtime")
    if any(column.quantity.name == quantity.name for column in group.costs):  # it has a column of its own
        return _Runtimes()

    def setting(cost: CostRecord) -> tuple[str, str, tuple[int, int]]:
        return cost.machine, cost.device, cost.input_size

    timed = [[cost for cost in row.costs if quantity.name in cost.values] for row in group.rows]
    counts = Counter(setting(cost) for costs in timed for cost in costs)
    if not counts:
        return _Runtimes()
    most = max(counts, key=lambda one: (counts[one], one))
    shown = [next((cost for cost in costs if setting(cost) == most), None) for costs in timed]
    texts = [MISSING if c is None else marked(quantity.text(c.values[quantity.name]), _doubts(c)) for c in shown]
    machine, device, (height, width) = most
    legend = unsteady_legend([warning for cost in shown if cost is not None for warning in _doubts(cost)])
    note = f"Runtime: median of one pass at LR {width}x{height}, {device} of {machine}; "
    return _Runtimes(tuple(texts), (f"{note}{f'{legend}; ' if legend else ''}srbench time measures soundly.",))


def _doubts(cost: CostRecord) -> tuple[str, ...]:
    """Why a runtime is unsteady."""
    return () if cost.runtime is None else cost.runtime.warnings


def _console_text(parts: Sequence[RenderableType], width: int | None, colour: bool) -> str:
    from rich.console import Console
    from rich.table import Table

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


def rows(results: Results, costs: Sequence[str] = ()) -> list[dict[str, Any]]:
    """One plain dict per result, full precision; a value is ``math.inf`` where images are identical.

    A model of which only costs are known has one, without dataset and protocol. ``costs`` names further quantities of
    networks.
    """
    found = []
    names = _quality_names(results)
    for group in groups(results, costs):
        for row in group.rows:
            more = {column.quantity.name: _exact(column.value(row)) for column in group.costs}
            found += [{**_line(record, row, names), **more} for record in row.records or row.costs[:1]]
    return found


def _quality_names(results: Results) -> list[str]:
    """The quantities of images that have columns; the usual ones, empty, where only costs are known."""
    return [quantity.name for quantity in measured_quantities(results.quality)] or list(DEFAULT_QUALITY)


_BEFORE = ("model", "title", "weights", "weights_origin", "weights_sha256", "scale", "dataset", "lr", "images", "limit",
           "data_sha256", "protocol")  # fmt: skip
_AFTER = ("identical_images", "quality_missing", "params", "macs", "macs_convention", "macs_input_size", "activations",
          "num_conv", "runtime_median_ms", "runtime_input_size", "peak_memory_bytes", "machine", "substitutions",
          "command", "created")  # fmt: skip


def _line(record: QualityRecord | CostRecord, row: Row, names: Sequence[str]) -> dict[str, Any]:
    quality = record if isinstance(record, QualityRecord) else None
    data = quality.dataset if quality else None
    return {
        "model": row.model,
        "title": row.title,
        "weights": row.weights.name,
        "weights_origin": row.weights.origin,
        "weights_sha256": row.weights.sha256,
        "scale": record.scale,
        "dataset": data.name if data else None,
        "lr": data.lr if data else None,
        "images": data.images if data else None,
        "limit": data.limit if data else None,
        "data_sha256": data.sha256 if data else None,
        "protocol": quality.protocol_id if quality else None,
        **{name: quality.value(name) if quality else None for name in names},
        "identical_images": quality.identical_images if quality else None,
        "quality_missing": None if quality else "; ".join(row.missing),
        **_cost_columns(row, record.machine),
        "machine": record.machine,
        "substitutions": list(sentences(record)),
        "command": record.command,
        "created": record.created,
    }


def _cost_columns(row: Row, machine: str) -> dict[str, Any]:
    """The costs of a row; what depends on the machine only of the very same one."""
    count, here = row.macs, [cost for cost in row.costs if cost.machine == machine]
    timed, kept = cost_at(here, "runtime"), cost_at(here, "memory")
    if row.apart.startswith("+"):  # it was timed for one pass
        timed = None
    counted = count.record.values if count else {}
    convention = count.counting.quantity.convention if count else ""
    return {
        "params": _whole(row.parameters),
        "macs": _whole(count.value) if count else None,
        "macs_convention": convention or None,
        "macs_input_size": list(count.record.input_size) if count else None,
        "activations": _whole(counted.get(counted_as("activations", convention))),
        "num_conv": _whole(counted.get(counted_as("convs", convention))),
        "runtime_median_ms": timed.values["runtime"] if timed else None,
        "runtime_input_size": list(timed.input_size) if timed else None,
        "peak_memory_bytes": _whole(kept.values["memory"]) if kept else None,
    }


def _exact(value: float | None) -> float | int | None:
    """A count without a decimal point."""
    return int(value) if value is not None and value.is_integer() else value


def _whole(value: float | None) -> int | None:
    return None if value is None else int(value)
