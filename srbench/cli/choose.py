"""``srbench choose``: which models fit a budget."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from srbench.cli.options import FiniteRange, comma_list, json_option, plugin_option, root_option
from srbench.cli.sections import Sectioned
from srbench.errors import CheckFailed

if TYPE_CHECKING:
    from srbench.cost.backends import Variant
    from srbench.report.handin.budget import Bound
    from srbench.report.handin.choose import Budget, Candidate, Choice

_BOUNDS = "srbench.bounds"


class WithBounds(Sectioned):
    """A command that also takes ``--max-QUANTITY`` and ``--min-QUANTITY`` of every registered quantity."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Take the bounds out of the arguments; ``ctx.meta`` keeps (name, amount) of each."""
        rest: list[str] = []
        bounds: list[tuple[str, str]] = []
        pending = list(args)
        while pending:
            word = pending.pop(0)
            name, equals, amount = word.partition("=")
            if not name.startswith(("--max-", "--min-")):
                rest.append(word)
                continue
            if not equals and not pending:
                raise click.UsageError(f"Option '{name}' requires an argument.", ctx)
            bounds.append((name.removeprefix("--"), amount if equals else pending.pop(0)))
        ctx.meta[_BOUNDS] = tuple(bounds)
        return super().parse_args(ctx, rest)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The bounds first, which are options of all quantities."""
        with formatter.section("Bounds"):
            formatter.write_dl(
                [
                    ("--max-QUANTITY AMOUNT", "At most so much: --max-macs 20G, --max-params 1M, --max-memory 512."),
                    ("--min-QUANTITY AMOUNT", "At least so much: --min-psnr 31.9, --min-ssim 0.89."),
                ]
            )
        super().format_options(ctx, formatter)


@click.command("choose", cls=WithBounds, context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("results", nargs=-1, metavar="[RESULTS]...")
@click.option("--size", default="720p", show_default=True, help="What costs are of: HR 720p, 1080p, 4k, or LR HxW.")
@click.option("--scale", type=click.IntRange(min=1), default=4, show_default=True)
@click.option(
    "--dataset", metavar="NAME", help="Quality on this one; default: set5, or what most models were measured on."
)
@click.option("--protocol", help="Which of several protocols; default: that of the papers where it is there.")
@click.option("--models", callback=comma_list, metavar="A,B", help="These of the results only; default: all.")
@click.option("--fps", type=FiniteRange(min=0.001), metavar="N", help="At least N images a second, measured here now.")
@click.option("--measure", is_flag=True, help="Measure runtimes here without a bound.")
@click.option("--most", type=click.IntRange(min=1), default=8, show_default=True, help="How many models are timed.")
@click.option("--backend", default="eager", show_default=True, help="For runtimes: eager, compile or onnxruntime.")
@click.option("--device", default="cpu", show_default=True, help="For runtimes: cpu or cuda.")
@root_option
@plugin_option
@json_option
@click.pass_context
def command(ctx: click.Context, /, results: tuple[str, ...], as_json: bool, **options: Any) -> None:
    """Choose a model: bounds on any quantity, and which models within them no other beats.

    RESULTS are folders that srbench run wrote, single files of them, or 'measured' for those that come with srbench
    (the default). Bounds take every quantity of srbench list quantities. Costs are of one image of --size; runtimes are
    measured on this machine, of the most promising models within all other bounds. Exit code 3: nothing fits.

    \b
    Examples:
      srbench choose --max-macs 20G --size 720p --min-psnr 31.9
      srbench choose --max-params 1M --min-psnr 32 --fps 5 --size 256x256 --json
    """
    from srbench.report.handin.choose import choose
    from srbench.report.handin.gather import SHIPPED, gather

    found, skipped = gather(results or (SHIPPED,))
    for path, reason in skipped:
        click.echo(f"note: '{path.name}' {reason}, so it is left out", err=True)
    budget = _budget(ctx.meta[_BOUNDS], options)
    choice = choose(found, budget, lambda text: click.echo(text, err=True))
    for note in choice.notes:
        click.echo(f"note: {note}", err=True)
    if as_json:
        click.echo(json.dumps(_as_json(choice, budget), indent=1, ensure_ascii=False))
    else:
        _print(choice, budget)
    if choice.untimed:
        click.echo(f"note: not timed, since --most is {budget.most}: {', '.join(choice.untimed)}", err=True)
    if not choice.rows:
        if choice.timed:
            click.echo(f"timed: {', '.join(_runtime(one) for one in choice.timed)}", err=True)
        raise CheckFailed(_nothing(choice, budget))


def _budget(bounds: tuple[tuple[str, str], ...], options: dict[str, Any]) -> Budget:
    from srbench.cost.input_size import parse_size
    from srbench.quantities import get_quantity
    from srbench.report.handin.budget import Bound, parse_bound
    from srbench.report.handin.choose import RUNTIME, Budget

    found = [parse_bound(name, amount) for name, amount in bounds]
    if options["fps"] is not None:
        found.append(Bound(get_quantity(RUNTIME), 1000.0 / options["fps"], most=True))
    budget = Budget(
        bounds=tuple(found), scale=options["scale"], size=parse_size(options["size"], options["scale"]),
        dataset=options["dataset"], protocol=options["protocol"], models=options["models"],
        timing=options["measure"], most=options["most"],
    )  # fmt: skip
    return replace(budget, variant=_variant(options["backend"], options["device"])) if budget.timed else budget


def _variant(backend: str, device: str) -> Variant:
    from srbench.cost.backends import Variant, check_variant
    from srbench.cost.load import default_threads

    variant = Variant(backend, device=device, threads=None if device.startswith("cuda") else default_threads())
    check_variant(variant)
    return variant


def _columns(choice: Choice, budget: Budget) -> list[str]:
    """Names of quantities in their order: quality, then what is always shown, then what is bounded besides."""
    from srbench.report.handin.choose import ALWAYS, RUNTIME

    bounded = [bound.quantity.name for bound in budget.bounds]
    images = [bound.quantity.name for bound in budget.bounds if bound.quantity.of_images]
    shown = [choice.quality.name, *images, *ALWAYS, *bounded, *([RUNTIME] if budget.timed else [])]
    return list(dict.fromkeys(shown))


def _as_json(choice: Choice, budget: Budget) -> dict[str, Any]:
    def row(one: Candidate) -> dict[str, Any]:
        fps = {"fps": 1000.0 / one.values["runtime"]} if "runtime" in one.values else {}
        return {"model": one.name, "title": one.title, "on_front": one.on_front, "trained_by_us": one.trained_by_us,
                **one.values, **fps, "warnings": list(one.warnings)}  # fmt: skip

    return {
        "schema": "srbench.choice/1",
        "scale": budget.scale,
        "lr_size": list(budget.size),
        "dataset": choice.dataset,
        "bounds": [{"quantity": b.quantity.name, "at": "most" if b.most else "least", "limit": b.limit}
                   for b in budget.bounds],
        "front_of": [choice.quality.name, choice.cost.name],
        "models": [row(one) for one in choice.rows],
        "beyond": dict(choice.beyond),
        "nearest": [{**row(one), "breaks": bound.quantity.name} for one, bound in choice.nearest],
        "timed": [row(one) for one in choice.timed],
        "not_timed": list(choice.untimed),
    }  # fmt: skip


def _print(choice: Choice, budget: Budget) -> None:
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    from srbench.printable import visible
    from srbench.quantities import get_quantity

    height, width = budget.size
    table = Table(title=f"x{budget.scale}, quality on {choice.dataset}, costs at LR {width}x{height}", box=None,
                  title_justify="left", pad_edge=False)  # fmt: skip
    names = _columns(choice, budget)
    table.add_column("model")
    for name in names:
        table.add_column(escape(get_quantity(name).heading), justify="right")
    if budget.timed:
        table.add_column("images/s", justify="right")
    for one in choice.rows:
        title = f"{'* ' if one.on_front else '  '}{visible(one.title)}{' (trained by us)' if one.trained_by_us else ''}"
        cells = [get_quantity(name).text(one.values.get(name)) for name in names]
        if budget.timed:
            cells.append(f"{1000.0 / one.values['runtime']:.3g}")
        table.add_row(escape(title), *cells, style="bold" if one.on_front else None)
    console = Console(highlight=False)
    if choice.rows:
        console.print(table)
        console.print(f"* no other of these has more {choice.quality.title} for the same or less {choice.cost.title}.")
    doubtful = [one.title for one in choice.rows if one.warnings]
    if doubtful:
        click.echo(f"note: unsteady runtimes ({', '.join(doubtful)}); srbench time measures them soundly.", err=True)


def _runtime(one: Candidate) -> str:
    from srbench.quantities import get_quantity
    from srbench.report.handin.choose import RUNTIME

    runtime = get_quantity(RUNTIME)
    return f"{one.title} {runtime.text(one.values[RUNTIME])} {runtime.unit}"


def _nothing(choice: Choice, budget: Budget) -> str:
    """Why nothing fits, and what comes nearest."""
    broken = ", ".join(f"{text} is missed by {count}" for text, count in choice.beyond.items())
    near = "; ".join(_miss(one, bound, budget) for one, bound in choice.nearest)
    reasons = f" ({broken})" if broken else ""
    who = f"none of the {len(choice.timed)} models that were timed" if choice.untimed else "no model of these results"
    return f"{who} fits{reasons}.{f' Nearest: {near}.' if near else ''}"


def _miss(one: Candidate, bound: Bound, budget: Budget) -> str:
    from srbench.report.handin.choose import unknown_of

    value = f"{bound.text}, with {bound.quantity.text(one.values[bound.quantity.name])}"
    if unknown := unknown_of(one, budget.bounds):
        return f"{one.title} misses {value} ({', '.join(q.title for q in unknown)} not measured)"
    return f"{one.title} misses only {value}"
