"""The page of ``srbench run``: one self-contained HTML file, a pure function of the records."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from srbench.errors import SrbenchError
from srbench.report import numbers, pairs, scatter, tables
from srbench.report.machine_text import facts
from srbench.report.protocol_text import protocol_sentence
from srbench.report.run_costs import KINDS, common_size, cost_table, rate, runtime_chart, size_text
from srbench.report.runtable import (
    Group,
    Row,
    counts_label,
    groups,
    labelled_substitutions,
    slug,
    substitution_label,
    substitution_pill,
)
from srbench.report.templating import page as render_page
from srbench.results.record import CellRecord


@dataclass(frozen=True)
class Chart:
    """Two scatters of one dataset of one group."""

    ident: str
    title: str
    points: int
    by_params: str
    by_macs: str
    macs_how: str
    kinds: tuple[str, ...]
    left_out: tuple[str, ...]


@dataclass(frozen=True)
class ImageTable:
    """Per-image quality: (title, model headings, rows of (image, texts))."""

    title: str
    models: tuple[str, ...]
    rows: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]


def write(
    records: Sequence[CellRecord], machines: Mapping[str, Mapping[str, Any]], path: str | Path, title: str = "Results"
) -> Path:
    """Write the page of ``records`` to ``path`` (atomically) and return the path.

    ``machines`` maps the ids that records name to the machine descriptions; a missing one is named as missing.

    Raises:
        SrbenchError: the file cannot be written.
    """
    target = Path(path)
    text = html(records, machines, title)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        partial = target.with_name(f".{target.name}.{os.getpid()}.part")
        partial.write_text(text, encoding="utf-8")
        partial.replace(target)
    except OSError as error:
        raise SrbenchError(f"cannot write the page '{target}': {error.strerror}; give a writable path.") from error
    return target


def html(
    records: Sequence[CellRecord],
    machines: Mapping[str, Mapping[str, Any]],
    title: str = "Results",
    intro: str = "",
    nav: Sequence[tuple[str, str]] = (),
) -> str:
    """The page as text: the same records give the same bytes, in whatever order they come."""
    arranged = groups(records)
    charts = [chart for group in arranged for chart in _charts(group)]
    cost_columns, costs = cost_table(arranged)
    return render_page(
        "run.html.j2",
        title=title,
        groups=arranged,
        swaps=_swaps(arranged, "Used instead"),
        weightless=_swaps(arranged, "No weights"),
        pill=substitution_pill,
        swap_label=substitution_label,
        short=_short,
        protocol_sentence=protocol_sentence,
        charts=charts,
        first_chart=max(charts, key=lambda chart: chart.points).ident if charts else "",
        images=[table for group in arranged for table in _image_tables(group)],
        machines=[(name, facts(machines.get(name))) for name in sorted({record.machine for record in records})],
        dates=sorted({record.created[:10] for record in records}),
        versions=_versions(records),
        notes=lambda group: tables.notes(group, substitutions=False),
        macs_heading=_macs_heading,
        missing=tables.missing_text,
        missing_short=_missing_short,
        legend=_legend,
        row_id=lambda group, row: f"{group.ident}-{row.key}",
        size=size_text,
        cost_columns=cost_columns,
        rate=rate,
        runtime_chart=runtime_chart([(row, scale) for row, scale, _ in costs]),
        costs=costs,
        giga=numbers.giga_text,
        runtime_size=common_size([row.cost.runtime for row, _, _ in costs if row.cost]),
        memory_size=common_size([row.cost.memory for row, _, _ in costs if row.cost]),
        pairs=pairs.neighbours(records),
        nav=nav,
        intro=intro,
    )


def _swaps(arranged: Sequence[Group], label: str) -> list[str]:
    every = labelled_substitutions([row for group in arranged for row in group.rows])
    return [line for kind, line in every if kind == label]


def _missing_short(row: Row) -> str:
    """What stands in a cell without quality; that there are no weights stands in the row already."""
    return numbers.MISSING if row.weights.origin == "none" else tables.missing_text(row)


def _short(machine: str) -> str:
    """The end of a long machine id, which tells machines apart; the whole one is the link's title."""
    return machine if len(machine) <= 14 else machine[-8:]


def _versions(records: Sequence[CellRecord]) -> list[tuple[str, str]]:
    found: dict[str, set[str]] = {}
    for record in records:
        for name, version in record.versions.items():
            found.setdefault(name, set()).add(version)
    return [(name, ", ".join(sorted(found[name]))) for name in sorted(found)]


def _macs_heading(group: Group) -> str:
    how = sorted({counts_label(row.macs, group.scale) for row in group.rows if row.macs})
    return "; ".join(how)


def _charts(group: Group) -> list[Chart]:
    charts = []
    for place, column in enumerate(group.columns):
        by_params: list[scatter.Point] = []
        by_macs: list[scatter.Point] = []
        left_out = []
        for row in group.rows:
            value = row.values[place]
            if value is None:
                continue
            if math.isinf(value.psnr) or not row.cost or row.cost.params <= 0 or not row.macs or row.macs.macs <= 0:
                reason = "identical images" if math.isinf(value.psnr) else "nothing to count"
                left_out.append(f"{_name(row, group)} {numbers.psnr_text(value.psnr)} dB ({reason})")
                continue
            quality = f"{numbers.psnr_text(value.psnr)} dB / {numbers.ssim_text(value.ssim)}"
            cost = f"{numbers.params_text(row.cost.params)} parameters, {numbers.macs_text(row.macs.macs)} MACs"
            tip = f"{row.title}, {row.weights.name}: {quality}, {cost}"
            for points, x in ((by_params, row.cost.params), (by_macs, row.macs.macs)):
                points.append(
                    scatter.Point(
                        key=row.key,
                        target=f"{group.ident}-{row.key}",
                        label=_name(row, group),
                        x=float(x),
                        y=value.psnr,
                        kind=KINDS[row.weights.origin],
                        tip=tip,
                    )
                )
        if not by_params:
            continue
        what = f"{column.label}, ×{group.scale}, {group.protocol}"
        y_label = "PSNR (dB)"
        how = _macs_heading(group)
        charts.append(
            Chart(
                ident=slug(f"{group.ident} {column.label}"),
                title=what,
                points=len(by_params),
                by_params=scatter.scatter_svg(by_params, "Parameters", y_label, f"PSNR against parameters, {what}"),
                by_macs=scatter.scatter_svg(by_macs, "Multiply-accumulates", y_label, f"PSNR against MACs, {what}"),
                macs_how=how,
                kinds=tuple(sorted({point.kind for point in by_params})),
                left_out=tuple(left_out),
            )
        )
    return charts


def _name(row: Row, group: Group) -> str:
    """The row's title; with the weights' tag where the group shows the model more than once."""
    same = [other for other in group.rows if other.model == row.model and other.weights.origin != "none"]
    if len(same) < 2:
        return row.title
    tag = row.weights.name.removeprefix(f"{row.model}.").removeprefix("user:")
    return f"{row.title} ({Path(tag).name})"


def _legend(kinds: Sequence[str]) -> list[tuple[str, str, str]]:
    words = {
        "released": "released weights",
        "bundled": "bundled weights, trained by srbench",
        "user": "your weights",
        "not-needed": "no weights needed",
    }
    return [(kind, scatter.marker(kind, 7, 7), words[kind]) for kind in kinds]


def _image_tables(group: Group) -> list[ImageTable]:
    found = []
    for place, column in enumerate(group.columns):
        cells = [(row, value.record) for row in group.rows if (value := row.values[place])]
        by_model = [{image.image: image for image in record.images} for _, record in cells]
        images = list(dict.fromkeys(image.image for _, record in cells for image in record.images))
        lines = []
        for name in images:
            texts = []
            for lookup in by_model:
                image = lookup.get(name)
                psnr = math.inf if image and image.identical else image.psnr if image else None
                texts.append((numbers.psnr_text(psnr), numbers.ssim_text(image.ssim if image else None)))
            lines.append((name, tuple(texts)))
        if lines:
            title = f"{column.label}, ×{group.scale}, {group.protocol}"
            found.append(ImageTable(title, tuple(_name(row, group) for row, _ in cells), tuple(lines)))
    return found
