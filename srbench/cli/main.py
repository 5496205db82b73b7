"""The ``srbench`` command: a lazy group, one thin file per verb."""

from __future__ import annotations

import importlib
import sys

import click

from srbench.errors import SrbenchError

# verb -> (module with a click command named ``command``, one-line help). Verb modules are imported on use only.
VERBS: dict[str, tuple[str, str]] = {
    "run": ("srbench.cli.run", "Evaluate models on datasets; table, JSON and HTML."),
    "list": ("srbench.cli.list", "List models, datasets, protocols or results."),
    "show": ("srbench.cli.show", "Print a model's card, layers and block diagram."),
    "fetch": ("srbench.cli.fetch", "Download weights and datasets, verified by hash."),
    "data": ("srbench.cli.data", "Verify a folder of images against a known dataset."),
    "eval-images": ("srbench.cli.eval_images", "Score a folder of SR images against HR; no model, no torch."),
    "explain-metric": ("srbench.cli.explain_metric", "The same pixels under every known PSNR/SSIM convention."),
    "profile": ("srbench.cli.profile", "Parameters, MACs, activations and peak memory; no weights needed."),
    "time": ("srbench.cli.time", "Runtimes one can defend: processes, warm-up, rounds, intervals."),
    "doctor": ("srbench.cli.doctor", "Describe this machine and what is wrong with it for measuring."),
    "compare": ("srbench.cli.compare", "One image through several models, with crops and error maps."),
    "train": ("srbench.cli.train", "Train a registered model by a recipe."),
    "report": ("srbench.cli.report", "Regenerate the pages and tables of papers."),
    "results": ("srbench.cli.results", "Look after folders of results: bring old ones up to date."),
    "leaderboard": ("srbench.cli.leaderboard", "Check and print published and measured tables."),
    "audit": ("srbench.cli.audit", "Check the published tables by computation."),
    "challenge": ("srbench.cli.challenge", "Check, measure and rank submissions to efficient-SR challenges."),
}


class LazyGroup(click.Group):
    """A group that imports a verb's module only when the verb is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Every verb, in the order of :data:`VERBS`."""
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a verb's module and take its command."""
        if cmd_name not in VERBS:
            return None
        command: click.Command = importlib.import_module(VERBS[cmd_name][0]).command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the verbs with their help, importing none of them."""
        with formatter.section("Commands"):
            formatter.write_dl([(verb, text) for verb, (_, text) in VERBS.items()])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the verb; for an unknown one, name the nearest."""
        verb = args[0] if args else ""
        if verb and not verb.startswith("-") and verb not in VERBS:
            import difflib

            near = difflib.get_close_matches(verb, VERBS, n=1)
            ctx.fail(f"no such command '{verb}'." + (f" Did you mean '{near[0]}'?" if near else ""))
        return super().resolve_command(ctx, args)


def _print_version(ctx: click.Context, _param: click.Parameter, value: bool) -> None:
    if value and not ctx.resilient_parsing:
        from importlib.metadata import version

        click.echo(f"srbench {version('srbench')}")
        ctx.exit()


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_print_version,
    help="Print the version.",
)
def app() -> None:
    """srbench: exact, comparable numbers for image super-resolution models."""


def main() -> None:
    """Entry point of the ``srbench`` command; user errors become one sentence and their exit code."""
    try:
        app(prog_name="srbench", standalone_mode=False)
    except SrbenchError as error:
        click.echo(f"error: {error}", err=True)
        sys.exit(error.exit_code)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except click.Abort:
        click.echo(
            "interrupted; finished cells are kept, and finished images too: the same command goes on there.", err=True
        )
        sys.exit(130)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)
