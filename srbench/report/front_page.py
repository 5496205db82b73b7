"""The front page: the leaderboard at the usual scale, its plot, one slider, what the audit found, and all reports."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from srbench.metrics.protocol_text import protocol_sentence
from srbench.report import printed_points, run_page
from srbench.report.page import Highlight
from srbench.report.papers import Data
from srbench.report.runtable import Group, groups
from srbench.report.scatter_frame import pareto
from srbench.report.site_config import site_config
from srbench.report.templating import page as render_page
from srbench.results.record import CostRecord, QualityRecord
from srbench.results.words import doubt_lines

FIGURE = "figures/front.png"
FINDINGS = 3
EVERYTHING = "zoo.html"
_IMAGE = "embedded/astronaut"


@dataclass(frozen=True)
class Entry:
    """A line of the list of reports: title, text, file, cells by state, further words."""

    title: str
    intro: str
    file: str
    counts: tuple[tuple[str, str, int], ...] = ()
    words: str = ""


@dataclass(frozen=True)
class Slider:
    """Two readings of one image to slide between: (title, data URI, figures) each, and the command that made them."""

    left: tuple[str, str, str]
    right: tuple[str, str, str]
    name: str
    command: str


def _whole(dataset: str) -> bool:
    """Whether it is a test set of papers, uncropped."""
    return dataset != "embedded" and "@" not in dataset


def leaderboard(data: Data) -> Group | None:
    """The papers' protocol at the usual scale, whole datasets, one row per network and weights; None without results.

    Networks of which only costs are known are left to the report of everything.
    """

    def quality(record: QualityRecord) -> bool:
        whole = record.dataset.limit is None and not record.apart and record.weights.origin != "bundled"
        usual = record.protocol_id.startswith("y-matlab@") and record.scale == run_page.FIRST_SCALE
        return whole and usual and record.dataset.lr == "imresize" and _whole(record.dataset.name)

    kept = {r.model.name for r in data.results.quality if quality(r)}

    def costs(cost: CostRecord) -> bool:
        return cost.scale == run_page.FIRST_SCALE and cost.model.name in kept

    arranged = groups(data.results.where(quality, costs))
    return max(arranged, key=lambda group: len(group.rows), default=None)


def html(
    data: Data | None,
    entries: Sequence[Entry],
    findings: Sequence[Highlight] = (),
    slider: Slider | None = None,
    repository: str = "",
    image: str = "",
) -> str:
    """The page; without ``data`` or results the list of reports alone. ``image`` is the file of the preview picture."""
    group = leaderboard(data) if data is not None else None
    files = [entry.file for entry in entries]
    file = EVERYTHING if EVERYTHING in files else None
    charts = run_page.charts_of(group) if group else []
    chart = max(charts, key=lambda found: found.points) if charts else None
    values: dict[str, Any] = run_page.table_values()
    config = site_config()
    return render_page(
        "index.html.j2", title=config.title, description=config.description, entries=entries,
        findings=findings[:FINDINGS], slider=slider, repository=(repository or config.repository).rstrip("/"),
        image=image, group=group, file=file, chart=chart, legend=run_page.legend, printed=_printed(data),
        protocol_sentence=protocol_sentence, nav=(),
        apart=doubt_lines(data.apart) if data is not None else (), **values,
    )  # fmt: skip


def _printed(data: Data | None) -> str:
    return "" if data is None else printed_points.as_json(data.printed, {run_page.FIRST_SCALE})


def preview(data: Data) -> bytes | None:
    """The plot as a PNG, for pages that link to the site; None without a point."""
    from srbench.report import drawn, figure_data
    from srbench.report.specs import FigureSpec

    group = leaderboard(data)
    if group is None or not group.columns:
        return None
    spec = FigureSpec(id="front", title="Quality against parameters", dataset=group.columns[0].dataset,
                      scale=group.scale, x="params")  # fmt: skip
    dots = figure_data.dots(spec, "", (), data.of_protocol)
    if not dots:
        return None
    best = set(pareto([(dot.x, dot.y) for dot in dots]))
    shown = [dot if (dot.x, dot.y) in best else replace(dot, label="") for dot in dots]
    return drawn.preview(shown, (figure_data.x_label(spec, data.of_protocol), figure_data.y_label(spec)))


def make_slider() -> Slider:
    """Bicubic and a network on an image that needs no download (this runs the network).

    Raises:
        SrbenchError: no weights of it can be had.
    """
    from srbench.evaluation import compare
    from srbench.evaluation.compare_source import open_source
    from srbench.models.registry import get_card
    from srbench.quantities import image_quantities
    from srbench.report.visual_uri import data_uri

    scale = run_page.FIRST_SCALE
    command = f"srbench compare --image {_IMAGE} --models imdn --scale {scale}"
    source = open_source(_IMAGE, None, scale)
    made = compare.compare(compare.Request(cards=(get_card("imdn"),), scale=scale, command=command), source)
    first = image_quantities()[0]
    sides = []
    for one in (made.shown[0], made.shown[-1]):
        weights = "" if one.weights.origin in ("released", "not needed") else f" ({one.weights.origin} weights)"
        values = one.whole.values if one.whole else {}
        shown = f"{first.text(values[first.name])} {first.unit}".rstrip() if first.name in values else ""
        sides.append((f"{one.title}{weights}", data_uri(one.sr), shown))
    return Slider(sides[0], sides[1], f"{_IMAGE}, ×{scale}", command)
