"""``srbench challenge``: check, measure and rank submissions by the rules of their year; one file per subcommand.

Every module of this package whose name has no leading underscore is a subcommand: its ``command`` is a click command,
called as the module (an underscore becomes a dash). Modules are imported when they are used or listed, so they import
nothing heavy at the top.
"""

from __future__ import annotations

import importlib
import pkgutil

import click

# What people look for first; others follow by name.
ORDER = ("import", "validate", "evaluate", "rank", "predict", "bundle", "page", "list", "rules")


def _modules() -> dict[str, str]:
    """Subcommand -> module, in the order of showing."""
    found = {
        info.name.rstrip("_").replace("_", "-"): f"{__name__}.{info.name}"
        for info in pkgutil.iter_modules(__path__)
        if not info.name.startswith("_")
    }
    first = [name for name in ORDER if name in found]
    return {name: found[name] for name in [*first, *sorted(set(found) - set(first))]}


class _Group(click.Group):
    """Subcommands are the modules of this package."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [*_modules()]  # the module challenge.list hides the builtin here, once it is imported

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        module = _modules().get(cmd_name)
        if module is None:
            return None
        command: click.Command = importlib.import_module(module).command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        known = _modules()
        if args and not args[0].startswith("-") and args[0] not in known:
            import difflib

            near = difflib.get_close_matches(args[0], known, n=1)
            ctx.fail(f"no such subcommand '{args[0]}'." + (f" Did you mean '{near[0]}'?" if near else ""))
        return super().resolve_command(ctx, args)


@click.group(cls=_Group)
def command() -> None:
    """Check, measure and rank submissions to efficient-SR challenges by the rules of their year.

    \b
    Examples:
      srbench challenge validate results.zip --rules ntire2026-esr
      srbench challenge rank --rules ntire2022-esr
    """
