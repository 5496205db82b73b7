"""A verb with one file per subcommand: every module of its package is one, found by itself."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterable
from typing import Any

import click


class FolderGroup(click.Group):
    """Subcommands are the modules of a package whose names have no leading underscore.

    Each has a click command named ``command``, called as the module (an underscore becomes a dash). Modules are
    imported when they are used or listed, so they import nothing heavy at the top.
    """

    def __init__(self, *arguments: Any, package: str = "", path: Iterable[str] = (), **options: Any) -> None:
        """``package`` is the name and ``path`` the ``__path__`` of the package."""
        super().__init__(*arguments, **options)
        self.package = package
        self.path = list(path)

    def modules(self) -> dict[str, str]:
        """Subcommand -> module, by name."""
        return {
            info.name.rstrip("_").replace("_", "-"): f"{self.package}.{info.name}"
            for info in sorted(pkgutil.iter_modules(self.path), key=lambda info: info.name)
            if not info.name.startswith("_")
        }

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Every subcommand."""
        return list(self.modules())

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a subcommand's module and take its command."""
        module = self.modules().get(cmd_name)
        if module is None:
            return None
        found: click.Command = importlib.import_module(module).command
        return found

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the subcommand; for an unknown one, name the nearest."""
        known = self.modules()
        if args and not args[0].startswith("-") and args[0] not in known:
            import difflib

            near = difflib.get_close_matches(args[0], known, n=1)
            ctx.fail(f"no such subcommand '{args[0]}'." + (f" Did you mean '{near[0]}'?" if near else ""))
        return super().resolve_command(ctx, args)
