"""``srbench challenge evaluate``: measure entries by the rules, in isolation, the baseline among them."""

from __future__ import annotations

import shlex
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import click

from srbench.cli.options import FiniteRange, comma_list, plugin_files, plugin_option
from srbench.cli.sections import Sectioned

if TYPE_CHECKING:
    from srbench.challenge.entries import ResultsFile
    from srbench.rules import Rules


def _data(_ctx: click.Context, _param: click.Parameter, value: tuple[str, ...]) -> dict[str, str]:
    found = {}
    for text in value:
        key, sign, folder = text.partition("=")
        if not sign or not folder:
            raise click.BadParameter(f"'{text}' is not ID=FOLDER, for example valid=DIV2K_valid.")
        found[key] = folder
    return found


def _multiples(_ctx: click.Context, _param: click.Parameter, value: tuple[str, ...]) -> dict[str, int]:
    found = {}
    for text in value:
        key, _, number = text.partition("=")
        if not number.isdecimal() or not 1 <= int(number) <= 1024:
            raise click.BadParameter(f"'{text}' is not ID=N, for example 34=16.")
        found[key] = int(number)
    return found


@click.command("evaluate", cls=Sectioned)
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--rules", "rules_id", required=True, help="Challenge (srbench challenge list), or a rules.toml.")
@click.option(
    "--data", multiple=True, callback=_data, metavar="ID=FOLDER", help="Data of a set of the rules (repeatable)."
)
@click.option("--entries", "ids", callback=comma_list, metavar="ID,...", help="Only these, and the baseline.")
@click.option("--baseline", metavar="ID", help="Which entry is the baseline; default: 00, else its published values.")
@click.option(
    "--runs", type=click.IntRange(min=1), help="Runs of every entry, each in a new process; default: the rules'."
)
@click.option("--limit", type=click.IntRange(min=1), help="Only so many images of each set.")
@click.option("--recheck", type=click.IntRange(min=0), default=2, show_default=True, help="Images run again, changed.")
@click.option("--device", default="cpu", show_default=True)
@click.option("--threads", type=click.IntRange(min=1), help="Threads of each entry; default: torch's.")
@click.option(
    "--run", "asked", callback=comma_list, metavar="ID,...", help="Run these although they start processes or fetch."
)
@click.option("--shims", is_flag=True, help="Use stand-ins for packages that are not installed.")
@click.option("--allow-missing", is_flag=True, help="Measure entries whose weights lack keys; they are marked.")
@click.option("--multiple", "multiples", multiple=True, callback=_multiples, metavar="ID=N",
              help="Pad images to multiples of N for this entry, inside the timed pass (repeatable).")  # fmt: skip
@click.option("--isolation", default="auto", show_default=True, help="auto, bubblewrap, container:IMAGE or process.")
@click.option("--timeout", type=FiniteRange(min=1), default=120.0, show_default=True, help="Seconds per image.")
@click.option("--memory", type=FiniteRange(min=0.5), default=8.0, show_default=True, help="GiB per entry.")
@click.option("--seed", type=int, default=0, show_default=True, help="Of the order of images.")
@click.option(
    "--output", type=click.Path(file_okay=False, path_type=Path), default=Path("challenge-results"), show_default=True
)
@plugin_option
def command(
    paths: tuple[Path, ...], rules_id: str, data: dict[str, str], ids: tuple[str, ...], baseline: str | None,
    runs: int | None, limit: int | None, recheck: int, device: str, threads: int | None, asked: tuple[str, ...],
    shims: bool, allow_missing: bool, multiples: dict[str, int], isolation: str, timeout: float, memory: float,
    seed: int, output: Path,
) -> None:  # fmt: skip
    """Measure PATHS: code (an organisers' repository, model submissions) is run in isolation, results are scored.

    Results submissions (archives or folders of images) are scored beside the code, against the HR images of --data.
    Without an entry '00' or --baseline, entries are ranked against the baseline's published values.

    \b
    Examples:
      srbench challenge evaluate team07 --rules ntire2026-esr --data valid=HR_DIR
      srbench challenge evaluate repository --rules ntire2024-esr --data valid=HR_DIR
      srbench challenge evaluate repository --rules ntire2024-esr --data valid=embedded --runs 1 --output results
    """
    from srbench.challenge import evaluating
    from srbench.challenge.entrance import Options, entrants_of
    from srbench.challenge.named import entries_named, entry_named
    from srbench.challenge.probing import check_setting
    from srbench.challenge.results_entry import hr_folders
    from srbench.challenge.session import Plan
    from srbench.cost.load import cores
    from srbench.errors import SrbenchError
    from srbench.isolation.limits import GIB, Limits
    from srbench.isolation.process import Setting
    from srbench.isolation.sandbox import choose
    from srbench.metrics import get_protocol
    from srbench.rules import get_rules

    rules = get_rules(rules_id)
    sandbox = choose(isolation)
    datasets, absent = evaluating.datasets_of(rules, data, limit)
    limits = Limits(request_s=timeout, memory_bytes=int(memory * GIB))
    setting = Setting(sandbox, limits, threads, device, plugins=plugin_files())
    check_setting(setting)
    _head(rules, sandbox.kind, sandbox.gaps, absent)
    with tempfile.TemporaryDirectory(prefix="srbench-challenge-") as scratch:
        options = Options(rules.scale, shims, allow_missing)
        entrants = entrants_of(paths, options, Path(scratch))
        if not entrants.specs:
            raise SrbenchError("these are results, with nothing to run; 'srbench challenge score' scores them.")
        known = [spec.id for spec in entrants.specs]
        padded = {entry_named(key, known, "--multiple"): number for key, number in multiples.items()}
        runnable = frozenset(entries_named(asked, known, "--run"))
        wanted = entries_named(ids, known, "--entries")
        specs = [spec.model_copy(update={"multiple": padded.get(spec.id, spec.multiple)}) for spec in entrants.specs]
        base = evaluating.choose_baseline(specs, baseline, rules)
        if not base:
            click.echo(f"no entry '00': ranked against the published values of {rules.baseline.name}", err=True)
        if wanted:
            specs = [spec for spec in specs if spec.id in wanted or spec.id == base]
        plan = Plan(
            datasets, get_protocol(evaluating.protocol_of(rules)), setting, evaluating.image_quantities_of(rules),
            runs or rules.timing.runs or 1, recheck, evaluating.conventions_of(rules), _count_size(rules), seed,
            cores(), runnable, allow_missing,
        )  # fmt: skip
        session = evaluating.Session(
            rules, tuple(specs), base, output, tuple(entrants.results), hr_folders(data, rules)
        )
        results = evaluating.evaluate(session, plan, sandbox, lambda text: click.echo(text, err=True))
    _tell(results, output, rules_id)


def _count_size(rules: Rules) -> tuple[int, int]:
    return next((column.input_size for column in rules.columns if column.input_size), (256, 256))


def _head(rules: Rules, kind: str, gaps: tuple[str, ...], absent: tuple[str, ...]) -> None:
    click.echo(f"rules: {rules.id}, {rules.title}", err=True)
    click.echo(f"isolation: {kind}; not protected from: {', '.join(gaps)}", err=True)
    for line in absent:
        click.echo(line, err=True)


def _tell(results: ResultsFile, output: Path, rules_id: str) -> None:
    from srbench.challenge.standing import unsteady_entries, unsteady_notes
    from srbench.cli.challenge._import_view import plain
    from srbench.cli.challenge._rank_view import UNDETERMINED, undetermined

    for entry in results.entries:
        reasons = f": {'; '.join(entry.reasons)}" if entry.reasons else ""
        name = entry.id if entry.title == entry.id else f"{entry.id} {entry.title}"
        click.echo(plain(f"{name}: {entry.status}{reasons}"))
        for flag in entry.flags:
            if flag.kind not in (UNDETERMINED, "unsteady"):  # of those all entries are told together
                click.echo(plain(f"  {flag.kind}: {flag.text}"))
    for line in undetermined([(entry.id, entry.flags) for entry in results.entries]):
        click.echo(plain(line))
    for line in unsteady_notes(unsteady_entries(results.entries)):
        click.echo(plain(f"note: {line}"))
    file = output / "results.json"
    click.echo(f"results: {file}")
    click.echo(f"next: srbench challenge rank {shlex.quote(str(file))} --rules {shlex.quote(rules_id)}", err=True)
