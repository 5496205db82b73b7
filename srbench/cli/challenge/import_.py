"""``srbench challenge import``: the entries of an organisers' repository."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from srbench.cli.options import FiniteRange, comma_list, json_option, plugin_files, plugin_option

if TYPE_CHECKING:
    from srbench.challenge.imported import EntryProfile, ImportedRepository


class _Folder(click.Path):
    """A folder; of an archive it is said what to do with it."""

    def __init__(self) -> None:
        super().__init__(exists=True, file_okay=False, path_type=Path)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        try:
            return super().convert(value, param, ctx)
        except click.BadParameter:
            path = Path(value)
            if path.suffix.lower() in (".zip", ".tar", ".gz", ".tgz"):
                with contextlib.suppress(OSError):  # a name that is too long
                    if path.is_file():
                        self.fail(f"'{value}' is an archive; unpack it and give the folder.", param, ctx)
            raise


@click.command("import")
@click.argument("repository", type=_Folder())
@click.option("--rules", "rules_id", help="Rules whose counting convention and input size --profile uses.")
@click.option("--allow-code", is_flag=True, help="Run the repository's loader, one isolated process per entry.")
@click.option("--profile", is_flag=True, help="Also count every entry: the complexity table (needs --allow-code).")
@click.option("--entries", callback=comma_list, metavar="ID,...", help="Only these.")
@click.option("--run", "asked", callback=comma_list, metavar="ID,...",
              help="Run these although their code starts processes or fetches.")  # fmt: skip
@click.option("--shims", is_flag=True, help="Use stand-ins for packages that are not installed.")
@click.option("--isolation", default="auto", show_default=True, help="auto, bubblewrap, container:IMAGE or process.")
@click.option("--timeout", type=FiniteRange(min=1), default=120.0, show_default=True, help="Seconds per entry.")
@click.option("--workers", type=click.IntRange(min=1), help="Entries at a time; default: one per core.")
@click.option("--format", "fmt", type=click.Choice(("table", "csv", "markdown")), default="table", show_default=True)
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="Also write what was found, as JSON.")
@plugin_option
@json_option
def command(
    repository: Path, rules_id: str | None, allow_code: bool, profile: bool, entries: tuple[str, ...],
    asked: tuple[str, ...], shims: bool, isolation: str, timeout: float, workers: int | None, fmt: str,
    output: Path | None, as_json: bool,
) -> None:  # fmt: skip
    """Read an organisers' repository: class, arguments, weights and data range of every entry of its loader.

    Nothing is executed unless --allow-code is given.

    \b
    Examples:
      srbench challenge import repository
      srbench challenge import repository --rules ntire2024-esr --allow-code --profile
    """
    from srbench.challenge.imported import import_repository
    from srbench.cli.challenge import _import_view as view
    from srbench.errors import SrbenchError
    from srbench.rules import get_rules

    if profile and not allow_code:
        raise SrbenchError("--profile runs the entries' code; add --allow-code if you want that.")
    rules = get_rules(rules_id) if rules_id else None
    every = import_repository(repository, rules.scale if rules else 4, shims)
    found = view.chosen(every, entries)
    rows: list[EntryProfile] = []
    isolated: dict[str, Any] = {}
    if allow_code:
        from srbench.challenge.named import entries_named
        from srbench.challenge.probing import check_setting
        from srbench.isolation.limits import Limits
        from srbench.isolation.process import Setting
        from srbench.isolation.sandbox import choose

        sandbox = choose(isolation)
        isolated = {"kind": sandbox.kind, "protects": list(sandbox.protects), "gaps": list(sandbox.gaps)}
        runnable = frozenset(entries_named(asked, [entry.id for entry in every.entries], "--run"))
        click.echo(f"isolation: {sandbox.kind}; not protected from: {', '.join(sandbox.gaps)}", err=True)
        limits = Limits(start_s=timeout, request_s=timeout)
        setting = Setting(sandbox, limits, threads=1, plugins=plugin_files())
        check_setting(setting)
        rows = view.opened(found, rules, setting, workers, runnable)
    data = view.as_data(found, rows, isolated)
    if output is not None:
        from srbench.writing import write_text

        write_text(output, json.dumps(data, indent=1, ensure_ascii=False) + "\n")
    if as_json:
        click.echo(json.dumps(data, indent=1, ensure_ascii=False))
    else:
        click.echo(view.profile_table(rows, fmt) if profile else view.entry_table(found, rows, fmt))
    _say_rest(found, rows, view)


def _say_rest(found: ImportedRepository, rows: list[EntryProfile], view: Any) -> None:
    for line in view.remarks(found, rows):
        click.echo(line, err=True)
