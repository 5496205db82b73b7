"""``srbench report``: regenerate the pages and tables of papers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from srbench.cli.apart_view import apart_json, say_apart
from srbench.cli.options import json_option, plugin_option, root_option, say_root
from srbench.errors import SrbenchError

if TYPE_CHECKING:
    from srbench.report.page import Page
    from srbench.report.papers import Data
    from srbench.report.site import Site


@click.command("report")
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
@click.option("--serve", is_flag=True, help="Open what was built at http://localhost:PORT until Ctrl-C.")
@click.option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True, help="Port of --serve.")
@root_option
@plugin_option
@json_option
def command(
    names: tuple[str, ...], every: bool, check: bool, update: bool, fmt: str, view: str | None,
    visuals: bool, results: Path | None, out: Path | None, repository: str, serve: bool, port: int, as_json: bool,
) -> None:  # fmt: skip
    """Regenerate the pages and tables of papers: as printed, measured by us, difference.

    NAME is a report (imdn2019, rfdn2020, aidn2022, lrfdn2023, ntire2022, zoo, ...) or another page
    (srbench list pages); without one the reports are listed. --all makes every report and every page.

    \b
    Examples:
      srbench report imdn2019 --format markdown
      srbench report --all --out site --serve
    """
    from srbench.report import site, specs
    from srbench.results.words import unknown_lines

    _check_form(fmt, view, serve)
    chosen = specs.spec_names() if every else tuple(dict.fromkeys(names))
    if not chosen:
        _list(as_json)
        return
    if results is not None and not results.is_dir():
        raise SrbenchError(f"there is no folder '{results}'; give --results one that srbench run --results wrote.")
    if repository and not repository.startswith(("https://", "http://")):
        raise SrbenchError(f"'{repository}' is no address of a repository; give --repository https://...")
    say_root()
    chosen, alone = (chosen, ()) if every else _split(chosen)
    for name in chosen:
        specs.load_spec(name)
    if alone and fmt != "html":
        raise SrbenchError(f"page '{alone[0].name}' is HTML and nothing else; leave --format {fmt} out.")
    data = site.load_data(results)
    say_apart(data.apart)
    for line in unknown_lines(data.records.values()):
        click.echo(f"note: {line}.", err=True)
    if fmt != "html":
        _print(chosen, data, fmt, view or "printed", out, as_json)
        return
    folder = out or Path("site")
    pages = None if every else alone
    made = site.build_site(chosen, data, compare=visuals, report=_say, repository=repository, pages=pages)
    files = [*(f"{name}.html" for name in chosen), *(page.file for page in alone)]
    start = "index.html" if every or len(files) > 1 else files[0]
    if not every and (folder / "index.html").is_file():  # that of a whole site stays
        del made.pages["index.html"]
    written = site.write(made, folder, report=_say)
    for note in made.notes:
        click.echo(f"not made: {note}", err=True)
    changed = site.update(chosen, data) if update else []
    if as_json:
        report = {
            "reports": chosen,
            "pages": [str(path) for path in written],
            "updated": [str(p) for p in changed],
            "failures": made.failures,
            "apart": apart_json(data.apart),
        }
        click.echo(json.dumps(report, indent=1))
    else:
        _say_made(made, len(chosen), folder / start)
        for path in changed:
            click.echo(f"updated {path}", err=True)
    if check:
        site.check(chosen, data)
        click.echo("the committed tables are up to date.", err=True)
    if serve:
        serve_folder(folder, port)
    if made.failures:
        raise SrbenchError(f"not made: {', '.join(made.failures)}; the other pages are in {folder}.")


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


def _say_made(made: Site, reports: int, start: Path) -> None:
    """What was made and where it begins, and a line for each page that was not."""
    pages = len(made.entries) - reports if not reports else 0
    count, what = (reports, "report") if reports else (pages, "page")
    if count:
        click.echo(f"{count} {what}{'s' if count != 1 else ''}: {start}", err=True)
    for name, why in made.failures.items():
        click.echo(f"error: page '{name}': {why}", err=True)


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


def _print(names: tuple[str, ...], data: Data, fmt: str, view: str, out: Path | None, as_json: bool) -> None:
    """Print the reports in a text format, or write one file per report into ``out``."""
    from srbench.report import site, specs
    from srbench.report.formats import FORMATS
    from srbench.report.layout import VIEWS
    from srbench.writing import write_text

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
