"""All reports at once: the site's pages, and the Markdown and CSV that are committed and compared."""

from __future__ import annotations

import contextlib
import difflib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from srbench.errors import CheckFailed, SrbenchError
from srbench.leaderboard.causes import stored_counts
from srbench.leaderboard.states import STATES
from srbench.paths import reports_dir
from srbench.report import (
    answer,
    front_page,
    fronts,
    layout,
    pairs,
    paper_page,
    paper_text,
    run_page,
    session,
    session_page,
    tables,
)
from srbench.report.formats import FORMATS, Export
from srbench.report.front_page import Entry
from srbench.report.grid import markdown
from srbench.report.page import PAGES, Highlight, Page, rendered
from srbench.report.paper_cells import STATE_CLASS
from srbench.report.paper_visuals import visuals
from srbench.report.papers import Data, build, draw, load_data, selected
from srbench.report.site_config import chosen_pages, site_config
from srbench.report.specs import Spec, load_spec
from srbench.writing import write_files, write_text

if TYPE_CHECKING:
    from concurrent.futures import Future

NAV = (("All reports", "index.html"),)
_DIFF_LINES = 60

Say = Callable[[str], None]


def _silent(_text: str) -> None:
    """No progress is wanted."""


@dataclass
class Site:
    """Files of the site by relative path, the index entries that lead to them, and what could not be made."""

    pages: dict[str, str | bytes] = field(default_factory=dict)
    entries: list[Entry] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    highlights: list[Highlight] = field(default_factory=list)
    failures: dict[str, str] = field(default_factory=dict)
    """Pages that could not be made, by name, and why."""

    def files(self) -> dict[str, bytes]:
        """All files by relative path, texts as UTF-8."""
        return {name: made if isinstance(made, bytes) else made.encode("utf-8") for name, made in self.pages.items()}


def text(spec: Spec, data: Data, fmt: str, view: layout.View = "printed") -> str:
    """A report in one of the registered formats.

    Raises:
        SrbenchError: unknown format.
    """
    return FORMATS.get(fmt).text(export(spec, data, view))


def export(spec: Spec, data: Data, view: layout.View = "printed") -> Export:
    """A report, ready for any format."""
    if spec.kind != "measured":
        return paper_text.export(spec.name, spec.title, spec.intro, build(spec, data).tables, view)
    results = selected(spec, data)
    table = tables.export(results)
    if spec.session and (clock := session.read(spec.session)) is not None:
        titles, _ = session.quality_of(results)
        table = replace(table, grids=tuple(session.with_runtimes(grid, clock, titles) for grid in table.grids))
    more = [
        fronts.to_markdown(results) if spec.fronts else "",
        session.of_report(spec.session, results) if spec.session else "",
        pairs.to_markdown(results.quality) if spec.differences else "",
    ]
    grids = "\n".join(map(markdown, table.grids))
    first = (answer.ranking(results.quality), "") if spec.answer else ()
    return replace(table, flow=(f"# {spec.title}", "", *first, spec.intro, "", f"{grids}{''.join(more)}"))


def committed(spec: Spec, data: Data) -> dict[str, str]:
    """The files of a report that are kept under ``reports/``, by relative path."""
    tables = export(spec, data)
    return {
        f"{spec.name}/tables.md": FORMATS.get("markdown").text(tables),
        f"{spec.name}/tables.csv": FORMATS.get("csv").text(tables),
    }


def add_report(site: Site, spec: Spec, data: Data, compare: bool = False) -> None:
    """Put a report's page and figures into the site; with ``compare``, its visual comparisons too (runs models)."""
    if spec.kind == "measured":
        results = selected(spec, data)
        first = answer.ranking(results.quality) if spec.answer else ""
        clock = session_page.of_report(spec.session, results) if spec.session else None
        beside = run_page.Beside(spec.intro, NAV, data.printed, first, clock)
        site.pages[f"{spec.name}.html"] = run_page.html(results, data.machines, spec.title, beside=beside)
        words = f"{len(results.quality)} results"
        site.entries.append(Entry(spec.title, spec.intro, f"{spec.name}.html", words=words))
        return
    report, drawn = build(spec, data), draw(spec, data)
    shown_images = visuals(spec, compare)
    site.pages[f"{spec.name}.html"] = paper_page.html(report, drawn, data, NAV, shown_images)
    site.notes += [f"{visual.spec.image}: {visual.reason}" for visual in shown_images if visual.reason]
    site.pages.update({visual.file: visual.page for visual in shown_images if visual.page})
    for figure in drawn:
        site.pages[f"figures/{spec.name}-{figure.spec.id}.svg"] = figure.svg
        site.pages[f"figures/{spec.name}-{figure.spec.id}.pdf"] = figure.pdf
    counts = Counter(part.state for table in report.tables for part in layout.parts_of(table))
    shown = tuple((state, STATE_CLASS[state], counts[state]) for state in STATES if counts[state])
    site.entries.append(Entry(spec.title, spec.intro, f"{spec.name}.html", shown))


def add_index(site: Site, data: Data | None = None, compare: bool = False, repository: str = "") -> None:
    """Put the front page into the site: the leaderboard of ``data``, and the list of all pages.

    ``compare`` runs a network for its slider; ``repository`` is the URL that it links to.
    """
    slider = None
    if compare:
        try:
            slider = front_page.make_slider()
        except SrbenchError as error:
            site.notes.append(f"the front page's slider: {error}")
    picture = front_page.preview(data) if data is not None else None
    if picture is not None:
        site.pages[front_page.FIGURE] = picture
    site.pages["index.html"] = front_page.html(
        data, site.entries, site.highlights, slider, repository, image=front_page.FIGURE if picture else ""
    )


def build_site(
    names: Sequence[str],
    data: Data,
    compare: bool = False,
    report: Say = _silent,
    repository: str = "",
    pages: Sequence[Page] | None = None,
) -> Site:
    """The pages of the reports ``names``, the other ``pages`` and the index.

    ``repository`` is the URL that the front page links to; the others are those of :func:`build_pages`.
    """
    site = build_pages(names, data, compare, report, pages)
    add_index(site, data, compare, repository)
    return site


def build_pages(
    names: Sequence[str],
    data: Data,
    compare: bool = False,
    report: Say = _silent,
    pages: Sequence[Page] | None = None,
) -> Site:
    """The pages of the reports ``names`` and the other ``pages``, without an index.

    ``pages`` are by default those that ``site.toml`` names, all where there is none.

    ``compare`` also runs models for the visual comparisons of the specs; ``report`` is told what is being made. A page
    that cannot be made is among the ``failures`` of the site, and the others are made.
    """
    site = Site()
    given = {"nav": NAV, "data": data}
    pages = chosen_pages(site_config()) if pages is None else pages
    with _beside(pages, given) as waiting:
        for name in names:
            report(f"making {name}")
            add_report(site, load_spec(name), data, compare)
        for page in pages:
            if page.file in (*site.pages, "index.html"):
                raise SrbenchError(f"page '{page.name}' has the name of a report; give the page another name.")
            report(f"making {page.name}")
            try:
                with PAGES.answering_for(page):
                    gave = waiting[page.name].result() if page.beside else page.render(**page.given(given))
                made = rendered(page, gave)
            except SrbenchError as error:
                site.failures[page.name] = str(error)
                continue
            site.pages[page.file] = made.html
            site.highlights += made.highlights
            site.entries.append(Entry(page.title, page.intro, page.file, words=made.words))
    return site


@contextlib.contextmanager
def _beside(pages: Sequence[Page], given: Mapping[str, Any]) -> Iterator[dict[str, Future[Any]]]:
    """What a process of its own makes while the others are made, by name of page."""
    slow = [page for page in pages if page.beside]
    if not slow:
        yield {}
        return
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor

    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as beside:
        # The audit counts every registered network: by far the longest part.
        yield {page.name: beside.submit(page.render, **page.given(given)) for page in slow}


def write(site: Site, folder: Path, report: Say = _silent) -> list[Path]:
    """Write all files of the site under ``folder``; ``report`` is told of each page when it is written.

    Raises:
        SrbenchError: the folder cannot be written.
    """
    return write_files(site.files(), folder, report)


def check(names: Sequence[str], data: Data, root: Path | None = None) -> None:
    """Compare what the reports give now with what is committed.

    Raises:
        CheckFailed: a committed table would change; the message holds the diff.
    """
    old = stored_counts.stale()
    if old:
        raise CheckFailed(
            f"the stored counts of {', '.join(old)} are of another source than today's; "
            "run srbench report --all --update and commit them."
        )
    folder = root or reports_dir()
    parts: list[str] = []
    changed = []
    for name in names:
        for relative, now in committed(load_spec(name, root), data).items():
            path = folder / relative
            before = path.read_text(encoding="utf-8") if path.is_file() else ""
            if before != now:
                changed.append(relative)
                parts += _diff(relative, before, now)
    if changed:
        shown = "\n".join(parts[:_DIFF_LINES])
        more = f"\n... {len(parts) - _DIFF_LINES} more lines" if len(parts) > _DIFF_LINES else ""
        listed = ", ".join(changed)
        raise CheckFailed(
            f"{len(changed)} committed tables would change ({listed}); if that is meant, "
            f"run srbench report --all --update and commit them.\n{shown}{more}"
        )


def _diff(name: str, before: str, now: str) -> list[str]:
    lines = difflib.unified_diff(
        before.splitlines(), now.splitlines(), f"committed {name}", f"regenerated {name}", lineterm="", n=1
    )
    return list(lines)


def update(names: Sequence[str], data: Data, root: Path | None = None) -> list[Path]:
    """Rewrite the committed tables of the reports; returns the files that changed."""
    folder = root or reports_dir()
    changed = []
    if stored_counts.stale():
        from srbench.leaderboard import recount

        write_text(stored_counts.FILE, recount.text())
        stored_counts.forget()
        changed.append(stored_counts.FILE)
    for name in names:
        for relative, now in committed(load_spec(name, root), data).items():
            path = folder / relative
            if not path.is_file() or path.read_text(encoding="utf-8") != now:
                write_text(path, now)
                changed.append(path)
    return changed


__all__ = ["Data", "Site", "build_site", "check", "committed", "load_data", "text", "update", "write"]
