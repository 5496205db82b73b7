"""The ``srbench`` command: a lazy group, one thin file per verb."""

from __future__ import annotations

import sys

import click

from srbench.cli import guard
from srbench.cli.options import load_plugins
from srbench.cli.verbs import VERBS
from srbench.download import WAITING


class LazyGroup(click.Group):
    """A group of the registered verbs; a verb's module is imported only when the verb is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Every verb, in the order of :data:`srbench.cli.verbs.VERBS`."""
        return list(VERBS.names())

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a verb's module and take its command."""
        return VERBS.get(cmd_name).resolved() if cmd_name in VERBS else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the verbs with their help, importing none of them."""
        with formatter.section("Commands"):
            formatter.write_dl([(verb.name, verb.help) for verb in VERBS])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the verb, also one of a ``--plugin`` file behind it; for an unknown one, name the nearest."""
        verb = args[0] if args else ""
        own = verb in VERBS and not VERBS.origin(VERBS.get(verb))
        if verb and not verb.startswith("-") and not own:
            files, rest = _plugin_files(args[1:])
            if files:
                load_plugins(ctx, None, files)
            if files and verb in VERBS:
                found = VERBS.get(verb).resolved()
                takes = any("--plugin" in param.opts for param in found.params)
                return verb, found, args[1:] if takes else rest
        if verb and not verb.startswith("-") and verb not in VERBS:
            import difflib

            near = difflib.get_close_matches(verb, VERBS.names(), n=1)
            ctx.fail(f"no such command '{verb}'." + (f" Did you mean '{near[0]}'?" if near else ""))
        return super().resolve_command(ctx, args)


def _plugin_files(words: list[str]) -> tuple[tuple[str, ...], list[str]]:
    """The files of ``--plugin FILE`` among the words of a command, and the other words."""
    files, rest = [], []
    waiting = iter(words)
    for word in waiting:
        if word == "--":
            rest += [word, *waiting]
        elif word == "--plugin" and (file := next(waiting, None)) is not None:
            files.append(file)
        elif word.startswith("--plugin="):
            files.append(word.partition("=")[2])
        else:
            rest.append(word)
    return tuple(files), rest


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
    guard.prepare_streams()
    WAITING.append(lambda dest: click.echo(f"waiting: another process is downloading {dest.name} ...", err=True))
    sys.exit(guard.run(lambda: app(prog_name="srbench", standalone_mode=False)))
