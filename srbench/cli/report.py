"""``srbench report``: regenerate the pages and tables of papers."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import click

from srbench.cli.apart_view import apart_json, apart_lines
from srbench.cli.options import json_option, plugin_files, plugin_option, root_option, say_root
from srbench.cli.sections import Sectioned
from srbench.errors import SrbenchError
from srbench.writing import write_files

if TYPE_CHECKING:
    from srbench.report.kept_site import Made
    from srbench.report.page import Page
    from srbench.report.papers import Data


@click.command("report", cls=Sectioned)
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--all", "every", is_flag=True, help="Every report there is a spec of (reports/specs).")
@click.option("--check", is_flag=True, help="Fail (exit code 3) if a committed table under reports/ would change.")
@click.option("--update", is_flag=True, help="Rewrite the committed tables under reports/.")
@click.option(
    "--format", "fmt", default="html", show_default=True, metavar="FORMAT",
    help="html writes pages; markdown, latex, csv, json or a plugin's (srbench list formats) go to stdout, or --out.",
)  # fmt: skip
@click.option(
    "--view", type=click.Choice(["printed", "measured", "difference"]),
    help="Which view --format latex shows: printed (default), measured or difference; the others hold all three.",
)  # fmt: skip
@click.option("--visuals", is_flag=True, help="Also run the models for the visual comparisons of the papers.")
@click.option("--results", type=click.Path(path_type=Path), help="Folder of results; default: leaderboards/measured.")
@click.option("--out", type=click.Path(path_type=Path), help="Folder to write to; default for html: site.")
@click.option("--repository", default="", metavar="URL", help="Repository that the front page links to.")
@click.option("--fresh", is_flag=True, help="Make every page anew, also where nothing has changed since the last time.")
@click.option("--serve", is_flag=True, help="Open what was built at http://localhost:PORT until Ctrl-C.")
@click.option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True, help="Port of --serve.")
@root_option
@plugin_option
@json_option
def command(
    names: tuple[str, ...], every: bool, check: bool, update: bool, fmt: str, view: str | None,
    visuals: bool, results: Path | None, out: Path | None, repository: str, fresh: bool, serve: bool, port: int,
    as_json: bool,
) -> None:  # fmt: skip
    """Regenerate the pages and tables of papers: as printed, measured by us, difference.

    NAME is a report (imdn2019, rfdn2020, aidn2022, lrfdn2023, ntire2022, zoo, ...) or another page
    (srbench list pages); without one the reports are listed. --all makes every report and every page.

    \b
    Examples:
      srbench report imdn2019 --format markdown
      srbench report --all --out site --serve
    """
    _check_form(fmt, view, serve)
    if not names and not every:
        _list(as_json)
        return
    if results is not None and not results.is_dir():
        raise SrbenchError(f"there is no folder '{results}'; give --results one that srbench run --results wrote.")
    if repository and not repository.startswith(("https://", "http://")):
        raise SrbenchError(f"'{repository}' is no address of a repository; give --repository https://...")
    say_root()
    wanted = _Wanted(tuple(dict.fromkeys(names)), every, results, repository, visuals)
    if fmt != "html":
        _print(wanted, fmt, view or "printed", out, as_json)
        return
    folder = out or Path("site")
    index = every or not (folder / "index.html").is_file()  # that of a whole site stays
    made = _made(wanted, index, fresh or update)
    pages = made.pages if index else {name: page for name, page in made.pages.items() if name != "index.html"}
    written = write_files(pages, folder, _say)
    for note in made.summary["notes"]:
        click.echo(f"not made: {note}", err=True)
    changed = _changed(wanted, update)
    _tell(made, written, changed, folder, as_json)
    if check:
        _check(wanted)
    if serve:
        serve_folder(folder, port)
    if made.summary["failures"]:
        raise SrbenchError(f"not made: {', '.join(made.summary['failures'])}; the other pages are in {folder}.")


@dataclass(frozen=True)
class _Wanted:
    """What the command is to make: reports and pages by the names given, or every one."""

    names: tuple[str, ...]
    every: bool
    results: Path | None
    repository: str
    visuals: bool

    @cached_property
    def data(self) -> Data:
        """What reports are made of, read where it is asked for, once; of printed tables those of the papers named."""
        from srbench.report import papers, specs

        chosen, alone = _names(self)
        found = [specs.load_spec(name) for name in chosen]
        few = not self.every and not alone and all(spec.kind == "paper" for spec in found)
        return papers.load_data(
            self.results, papers=tuple(dict.fromkeys(spec.paper for spec in found)) if few else None
        )


def _names(wanted: _Wanted) -> tuple[tuple[str, ...], tuple[Page, ...]]:
    """The reports, each of which is known to be there, and the pages that are asked for by name.

    Raises:
        SrbenchError: there is no report of such a name, or its spec breaks the schema.
    """
    from srbench.report import specs

    if wanted.every:
        return specs.spec_names(), ()
    chosen, alone = _split(wanted.names)
    for name in chosen:
        specs.load_spec(name)
    return chosen, alone


def _made(wanted: _Wanted, index: bool, fresh: bool) -> Made:
    """The pages: those that were made of the very same things before, or made now."""
    from srbench.report import kept_site

    asked = kept_site.Asked(() if wanted.every else wanted.names, wanted.results, wanted.repository)
    plain = not wanted.visuals and not plugin_files()
    key = kept_site.key_of(asked) if plain else None
    found = kept_site.find(key) if key and not fresh else None
    if found is not None and (not index or "index.html" in found.pages):
        for line in found.summary["notices"]:
            click.echo(line, err=True)
        click.echo("nothing has changed since these pages were made; --fresh makes them again.", err=True)
        return found
    made = _make(wanted, index)
    if key and not made.summary["failures"] and kept_site.key_of(asked) == key:  # nothing has changed meanwhile
        kept_site.keep(key, made)
    return made


def _make(wanted: _Wanted, index: bool) -> Made:
    """Make the pages."""
    from srbench.report import site
    from srbench.report.kept_site import Made

    chosen, alone = _names(wanted)
    data = wanted.data
    notices = _notices(data)
    for line in notices:
        click.echo(line, err=True)
    built = site.build_pages(chosen, data, wanted.visuals, _say, None if wanted.every else alone)
    if index:
        site.add_index(built, data, wanted.visuals, wanted.repository)
    files = [*(f"{name}.html" for name in chosen), *(page.file for page in alone)]
    summary = {
        "reports": list(chosen),
        "alone": [page.file for page in alone],
        "start": "index.html" if wanted.every or len(files) > 1 else files[0],
        "notes": built.notes,
        "failures": built.failures,
        "notices": notices,
        "apart": apart_json(data.apart),
    }
    return Made(built.files(), summary)


def _notices(data: Data) -> list[str]:
    """Lines about results that cannot be believed, and about quantities that nothing here knows."""
    from srbench.results.words import unknown_lines

    return [*apart_lines(data.apart), *(f"note: {line}." for line in unknown_lines(data.records.values()))]


def _changed(wanted: _Wanted, update: bool) -> list[Path]:
    """The committed tables that were rewritten."""
    if not update:
        return []
    from srbench.report import site

    return site.update(_names(wanted)[0], wanted.data)


def _check_form(fmt: str, view: str | None, serve: bool) -> None:
    """Refuse an unknown format, and options that do not go with it."""
    from srbench.report.formats import FORMATS

    if view is not None and fmt != "latex":
        raise SrbenchError(
            f"--view {view} goes with --format latex, which shows one view; got --format {fmt}, which holds all three."
        )
    if fmt == "html":
        return
    FORMATS.get(fmt)
    if serve:
        raise SrbenchError(f"--serve shows pages, --format {fmt} writes none; leave one of them out.")


def _split(names: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[Page, ...]]:
    """The names of reports, and the pages of the site that are asked for by name."""
    from srbench.report import specs
    from srbench.report.page import PAGES

    known = {name.lower() for name in specs.spec_names()}
    pages = tuple(PAGES.get(name) for name in names if name.lower() not in known and name in PAGES)
    asked = {page.name.lower() for page in pages}
    return tuple(name for name in names if name.lower() not in asked), pages


def _tell(made: Made, written: list[Path], changed: list[Path], folder: Path, as_json: bool) -> None:
    """What was made: for programs, or where it begins, with a line for each page that was not."""
    summary = made.summary
    if as_json:
        report = {
            "reports": summary["reports"],
            "pages": [str(path) for path in written],
            "updated": [str(path) for path in changed],
            "failures": summary["failures"],
            "apart": summary["apart"],
        }
        click.echo(json.dumps(report, indent=1))
        return
    count, what = (len(summary["reports"]), "report") if summary["reports"] else (len(summary["alone"]), "page")
    if count:
        click.echo(f"{count} {what}{'s' if count != 1 else ''}: {folder / summary['start']}", err=True)
    for name, why in summary["failures"].items():
        click.echo(f"error: page '{name}': {why}", err=True)
    for path in changed:
        click.echo(f"updated {path}", err=True)


def _check(wanted: _Wanted) -> None:
    """Compare the committed tables with those of today.

    Raises:
        CheckFailed: one would change.
    """
    from srbench.report import site

    site.check(_names(wanted)[0], wanted.data)
    click.echo("the committed tables are up to date.", err=True)


def serve_folder(folder: Path, port: int) -> None:
    """Serve ``folder`` on this machine alone until interrupted.

    Raises:
        SrbenchError: the port is taken.
    """
    from functools import partial
    from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

    handler = partial(SimpleHTTPRequestHandler, directory=str(folder))
    try:
        server = ThreadingHTTPServer(("127.0.0.1", port), handler)
    except OSError as error:
        raise SrbenchError(f"port {port} cannot be opened ({error.strerror}); give another one with --port.") from error
    with server:
        click.echo(f"http://localhost:{server.server_port}/ shows {folder}; Ctrl-C ends it.", err=True)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            click.echo("", err=True)


def _say(text: str) -> None:
    click.echo(text, err=True)


def _list(as_json: bool) -> None:
    from srbench.report import specs

    found = [specs.load_spec(name) for name in specs.spec_names()]
    if as_json:
        click.echo(
            json.dumps([{"name": s.name, "kind": s.kind, "title": s.title, "intro": s.intro} for s in found], indent=1)
        )
        return
    for spec in found:
        click.echo(f"{spec.name:16} {spec.title}: {spec.intro}")


def _print(wanted: _Wanted, fmt: str, view: str, out: Path | None, as_json: bool) -> None:
    """Print the reports in a text format, or write one file per report into ``out``."""
    from srbench.report import site, specs
    from srbench.report.formats import FORMATS
    from srbench.report.layout import VIEWS
    from srbench.writing import write_text

    names, alone = _names(wanted)
    if alone:
        raise SrbenchError(f"page '{alone[0].name}' is HTML and nothing else; leave --format {fmt} out.")
    data = wanted.data
    for line in _notices(data):
        click.echo(line, err=True)
    which = next(known for known in VIEWS if known == view)
    texts = {name: site.text(specs.load_spec(name), data, fmt, which) for name in names}
    if out is None:
        if as_json and fmt != "json":
            click.echo(json.dumps(texts, ensure_ascii=False, indent=1))
        elif fmt == "json" and len(texts) > 1:
            click.echo(json.dumps([json.loads(body) for body in texts.values()], ensure_ascii=False, indent=1))
        else:
            click.echo("\n".join(texts.values()), nl=False)
        return
    paths = []
    for name, body in texts.items():
        path = out / f"{name}.{FORMATS.get(fmt).suffix}"
        write_text(path, body)
        paths.append(str(path))
    click.echo(json.dumps({"files": paths}, indent=1) if as_json else "\n".join(paths))
