"""Options that several verbs share, spelled once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click


def comma_list(_ctx: click.Context, _param: click.Parameter, value: str | None) -> tuple[str, ...]:
    """Split ``a,b,c`` into names, keeping order and dropping repeats and blanks."""
    if not value:
        return ()
    return tuple(dict.fromkeys(part.strip() for part in value.split(",") if part.strip()))


def comma_integers(_ctx: click.Context, _param: click.Parameter, value: str | None) -> tuple[int, ...]:
    """Split ``2,3,4`` into integers."""
    try:
        return tuple(dict.fromkeys(int(part) for part in (value or "").split(",") if part.strip()))
    except ValueError:
        raise click.BadParameter(f"'{value}' is not a comma-separated list of integers.") from None


def load_plugins(ctx: click.Context, _param: click.Parameter, value: tuple[str, ...]) -> tuple[str, ...]:
    """Import every ``--plugin`` file, so that what it registers is known; ``ctx.meta`` keeps the paths."""
    from srbench.plugins import import_file

    for path in value:
        import_file(path)
    ctx.meta["srbench.plugins"] = value
    return value


Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]

json_option: Decorator = click.option("--json", "as_json", is_flag=True, help="Print JSON for machines on stdout.")
models_option: Decorator = click.option(
    "--models", callback=comma_list, help="Comma-separated model names (srbench list models)."
)
plugin_option: Decorator = click.option(
    "--plugin",
    multiple=True,
    callback=load_plugins,
    is_eager=True,
    expose_value=False,
    metavar="FILE.py",
    help="Python file that registers models, datasets or protocols (repeatable).",
)
