"""All reports at once: the site's pages, and the Markdown and CSV that are committed and compared."""

from __future__ import annotations

import difflib
import multiprocessing
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from srbench.errors import CheckFailed, SrbenchError
from srbench.leaderboard.states import STATES
from srbench.paths import reports_dir
from srbench.report import audit_page, fronts, layout, pairs, paper_page, paper_text, run_page, tables
from srbench.report.paper_page import STATE_CLASS
from srbench.report.paper_visuals import visuals
from srbench.report.papers import Data, build, draw, load_data, selected
from srbench.report.specs import Spec, load_spec
from srbench.report.templating import page as render_page

NAV = (("All reports", "index.html"),)
TEXT_FORMATS = ("latex", "markdown", "csv", "json")
FORMATS = ("html", *TEXT_FORMATS)
_DIFF_LINES = 60

Say = Callable[[str], None]


def _silent(_text: str) -> None:
    """No progress is wanted."""


@dataclass(frozen=True)
class Entry:
    """A line of the index page: title, text, file, cells by state, further words."""

    title: str
    intro: str
    file: str
    counts: tuple[tuple[str, str, int], ...] = ()
    words: str = ""


@dataclass
class Site:
    """Files of the site by relative path, the index entries that lead to them, and what could not be made."""

    pages: dict[str, str | bytes] = field(default_factory=dict)
    entries: list[Entry] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def text(spec: Spec, data: Data, fmt: str, view: layout.View = "printed") -> str:
    """A report in a text format ("latex", "markdown", "csv" or "json").

    Raises:
        SrbenchError: unknown format.
    """
    if fmt not in TEXT_FORMATS:
        raise SrbenchError(f"unknown format '{fmt}'; expected one of {', '.join(FORMATS)}.")
    if spec.kind == "measured":
        results = selected(spec, data)
        body = tables.render(results, fmt)
        differences = pairs.to_markdown(results.quality) if spec.differences else ""
        best = fronts.to_markdown(results) if spec.fronts else ""
        return f"# {spec.title}\n\n{spec.intro}\n\n{body}{best}{differences}" if fmt == "markdown" else body
    report = build(spec, data)
    if fmt == "latex":
        return paper_text.to_latex(report.tables, view, stem=spec.name)
    if fmt == "markdown":
        return paper_text.to_markdown(spec.title, spec.intro, report.tables)
    return paper_text.to_csv(report.tables) if fmt == "csv" else paper_text.to_json(spec.name, report.tables)


def committed(spec: Spec, data: Data) -> dict[str, str]:
    """The files of a report that are kept under ``reports/``, by relative path."""
    return {
        f"{spec.name}/tables.md": text(spec, data, "markdown"),
        f"{spec.name}/tables.csv": text(spec, data, "csv"),
    }


def add_report(site: Site, spec: Spec, data: Data, compare: bool = False) -> None:
    """Put a report's page and figures into the site; with ``compare``, its visual comparisons too (runs models)."""
    if spec.kind == "measured":
        results = selected(spec, data)
        site.pages[f"{spec.name}.html"] = run_page.html(results, data.machines, spec.title, spec.intro, NAV)
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


def add_index(site: Site) -> None:
    """Put the page that lists all others into the site."""
    site.pages["index.html"] = render_page("index.html.j2", title="srbench reports", entries=site.entries, nav=())


def build_site(
    names: Sequence[str], data: Data, root: Path | None = None, compare: bool = False, report: Say = _silent
) -> Site:
    """The pages of the reports ``names``, the audit and the genealogy, and the index.

    ``compare`` also runs models for the visual comparisons of the specs; ``report`` is told what is being made.
    """
    from srbench.report import genealogy_page

    site = Site()
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as beside:
        audited = beside.submit(audit_page.html, NAV)  # counts every registered network: the longest part
        for name in names:
            report(f"making {name}")
            add_report(site, load_spec(name, root), data, compare)
        report("making audit")
        site.pages["audit.html"], words = audited.result()
    site.entries.append(Entry("Audit", "The published tables checked by computation.", "audit.html", words=words))
    site.pages["genealogy.html"], words = genealogy_page.html(NAV)
    intro = "Which block came from which paper, and what became of it."
    site.entries.append(Entry("Genealogy", intro, "genealogy.html", words=words))
    add_index(site)
    return site


def write(site: Site, folder: Path, report: Say = _silent) -> list[Path]:
    """Write all files of the site under ``folder``; ``report`` is told of each page when it is written.

    Raises:
        SrbenchError: the folder cannot be written.
    """
    written = []
    for name, content in sorted(site.pages.items()):
        path = folder / name
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
        except OSError as error:
            raise SrbenchError(f"cannot write '{path}': {error.strerror}; give another --out.") from error
        written.append(path)
        if path.suffix == ".html":
            report(f"wrote {path}")
    return written


def check(names: Sequence[str], data: Data, root: Path | None = None) -> None:
    """Compare what the reports give now with what is committed.

    Raises:
        CheckFailed: a committed table would change; the message holds the diff.
    """
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
    for name in names:
        for relative, now in committed(load_spec(name, root), data).items():
            path = folder / relative
            if not path.is_file() or path.read_text(encoding="utf-8") != now:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(now, encoding="utf-8")
                changed.append(path)
    return changed


__all__ = ["FORMATS", "Data", "Site", "build_site", "check", "committed", "load_data", "text", "update", "write"]
