"""Options that several verbs share, spelled once."""

from __future__ import annotations

import functools
import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from srbench.errors import SrbenchError

if TYPE_CHECKING:
    from srbench.models.card import ModelCard
    from srbench.models.loading import SRModel
    from srbench.models.options import ModelOptions


def comma_list(_ctx: click.Context, _param: click.Parameter, value: str | None) -> tuple[str, ...]:
    """Split ``a,b,c`` into names, keeping order and dropping repeats and blanks."""
    if not value:
        return ()
    return tuple(dict.fromkeys(part.strip() for part in value.split(",") if part.strip()))


def comma_integers(_ctx: click.Context, _param: click.Parameter, value: str | None) -> tuple[int, ...]:
    """Split ``2,3,4`` into integers."""
    try:
        found = tuple(dict.fromkeys(int(part) for part in (value or "").split(",") if part.strip()))
        if value is not None and not found:
            raise ValueError
        return found
    except ValueError:
        raise click.BadParameter(f"'{value}' is not a comma-separated list of integers.") from None


_UNITS = {"in": 1.0, "cm": 1 / 2.54, "mm": 1 / 25.4, "pt": 1 / 72.27, "": 1.0}


def inches(_ctx: click.Context, _param: click.Parameter, value: str | None) -> float | None:
    """A length such as ``3.3in``, ``84mm`` or ``237pt`` (TeX's points), in inches."""
    if value is None:
        return None
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*(in|cm|mm|pt|)", value.strip())
    if match is None or not 1.0 <= float(match[1]) * _UNITS[match[2]] <= 40.0:
        raise click.BadParameter(f"'{value}' is no length from 1in to 40in; expected for example 3.3in, 84mm or 237pt.")
    return float(match[1]) * _UNITS[match[2]]


def load_plugins(ctx: click.Context, _param: click.Parameter | None, value: tuple[str, ...]) -> tuple[str, ...]:
    """Import every ``--plugin`` file, so that what it registers is known; ``ctx.meta`` keeps the paths.

    A file that fails adds nothing.
    """
    from srbench.plugins import import_file
    from srbench.registry import all_or_nothing

    for path in value:
        with all_or_nothing():
            import_file(path)
    ctx.meta["srbench.plugins"] = value
    return value


def plugin_files() -> tuple[str, ...]:
    """Absolute paths of the ``--plugin`` files of the present command."""
    import os

    given = click.get_current_context().meta.get("srbench.plugins", ())
    return tuple(os.path.abspath(path) for path in given)  # noqa: PTH100


def use_root(ctx: click.Context, _param: click.Parameter, value: str | None) -> None:
    """Take leaderboards and reports from ``--root`` until the command ends."""
    import os

    from srbench.paths import ROOT_VARIABLE

    if value is None:
        return
    before = os.environ.get(ROOT_VARIABLE)
    os.environ[ROOT_VARIABLE] = str(Path(value).resolve())
    ctx.call_on_close(
        lambda: os.environ.pop(ROOT_VARIABLE, None) if before is None else os.environ.update({ROOT_VARIABLE: before})
    )


def say_root() -> None:
    """Say on stderr which leaderboards and reports are used."""
    from srbench.paths import data_root

    click.echo(f"data: {data_root()}", err=True)


class FiniteRange(click.FloatRange):
    """A range of numbers that nan and infinity are not in."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The number; fails where it is none, not finite, or out of range."""
        number = super().convert(value, param, ctx)
        if not math.isfinite(number):
            self.fail(f"{value} is not a finite number.", param, ctx)
        return number


Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]

json_option: Decorator = click.option("--json", "as_json", is_flag=True, help="Print JSON for machines on stdout.")
root_option: Decorator = click.option(
    "--root",
    type=click.Path(exists=True, file_okay=False),
    callback=use_root,
    is_eager=True,
    expose_value=False,
    metavar="DIR",
    help="Folder with leaderboards/ and reports/; default: the working directory if it has them, else srbench's own.",
)
plugin_option: Decorator = click.option(
    "--plugin",
    multiple=True,
    callback=load_plugins,
    is_eager=True,
    expose_value=False,
    metavar="FILE.py",
    help="Python file that registers models, datasets, quantities or anything else (repeatable).",
)


@dataclass(frozen=True)
class ModelsAsked:
    """The models that a command names, and what it says about those that are not registered."""

    references: tuple[str, ...]
    options: ModelOptions

    def require_some(self) -> None:
        """Refuse a command that names no model."""
        if not self.references:
            raise SrbenchError(
                "no model was named; give --models NAME,NAME (srbench list models) or --model-file net.py:Net."
            )

    def cards(self, *, apart: bool = False) -> tuple[list[ModelCard], list[tuple[str, str]]]:
        """Their cards, and (reference, reason) of each that has none.

        ``apart``: files that are not srbench's own are imported in a process of theirs, and not here.

        Raises:
            SrbenchError: no model was named, or an option that does not go with them.
        """
        from srbench.models.find import find_cards

        self.require_some()
        if not apart:
            return find_cards(self.references, self.options)
        return find_cards(self.references, self.options, card_finder())


def card_finder() -> Callable[..., ModelCard]:
    """As :func:`srbench.models.find.find_card`, with files that are not srbench's own imported in a process of theirs.

    The processes end with the present command.
    """
    return functools.partial(_card, context=click.get_current_context(), plugins=plugin_files())


def _card(
    reference: object, options: ModelOptions | None = None, *, context: click.Context, plugins: tuple[str, ...]
) -> ModelCard:
    """One card; what starts processes (and with it torch) is imported where code of others is named."""
    from srbench.models.find import find_card, is_registered

    if is_registered(reference) or ":" not in str(reference):
        return find_card(reference, options)
    from srbench.evaluation.apart.processes import card_apart, close_all

    context.call_on_close(close_all)
    return card_apart(reference, options, plugins=plugins)


def open_any(model: str, scale: int, weights: str, options: ModelOptions | None = None) -> SRModel:
    """A model with its weights on the CPU: srbench's own open here, any other in a process of its own.

    Raises:
        SrbenchError: as :func:`srbench.models.opening.open_model`; or that process ended or took too long.
    """
    from srbench.models.registry import check_scale
    from srbench.models.weights import resolve

    card = card_finder()(model, options)
    check_scale(card, scale)
    resolved = resolve(card, scale, weights)
    from srbench.evaluation.apart.setting import Apart
    from srbench.evaluation.opening import open_for_cell
    from srbench.results.store import USUAL_WAY

    return open_for_cell(card, scale, resolved, ("cpu", USUAL_WAY), Apart(plugins=plugin_files()))


def references(_ctx: click.Context, _param: click.Parameter, value: str | None) -> tuple[str, ...]:
    """Split ``imdn,net.py:Net(3, 3)`` at the commas outside brackets and quotes."""
    from srbench.models.reference import split_references

    return split_references(value or "")


def _arguments(_ctx: click.Context, _param: click.Parameter, value: tuple[str, ...]) -> dict[str, Any]:
    from srbench.models.reference import parse_argument

    return dict(parse_argument(text) for text in value)


_NAMES: tuple[Decorator, ...] = (
    click.option(
        "--models", callback=references, metavar="NAME,...",
        help="Comma list of names (srbench list models); also net.py:Net(...), package.mod:Net.",
    ),
    click.option(
        "--model-file", "model_files", multiple=True, metavar="net.py:Net",
        help="Unregistered network, also 'net.py:Net(3, upscale=4)' (repeatable).",
    ),
    click.option(
        "--checkpoint", "checkpoints", multiple=True, metavar="FILE",
        help="File of weights whose network is found out: registered, or known to spandrel; hf://owner/name/file "
        "takes it from the hub (repeatable).",
    ),
)  # fmt: skip
_MODEL_OPTIONS: tuple[Decorator, ...] = (
    click.option("--arg", "arguments", multiple=True, callback=_arguments, metavar="NAME=VALUE",
                 help="Constructor argument of the unregistered networks (repeatable)."),
    click.option("--range", "input_range", type=click.Choice(["1", "255"]),
                 help="Largest value of their input and output; default: as they declare, else 1."),
    click.option("--order", type=click.Choice(["rgb", "bgr"]), help="Channel order they take; default: rgb."),
    click.option("--multiple", "size_multiple", type=click.IntRange(1, 4096), metavar="N",
                 help="Pad LR to multiples of N for them."),
    click.option("--root", type=click.Path(exists=True, file_okay=False), metavar="DIR",
                 help="Folder that their files may import from as well."),
    click.option("--shims", is_flag=True, help="Use stand-ins for packages of theirs that are not installed."),
)  # fmt: skip
_WEIGHTS_OPTIONS: tuple[Decorator, ...] = (
    click.option("--key", metavar="NAME", help="Where a checkpoint holds the weights, for example params."),
    click.option("--no-strict", "no_strict", is_flag=True, help="Load what fits of a checkpoint and list the rest."),
)


def model_options(*, weights: bool, names: bool = True) -> Decorator:
    """The options that name models, in every verb the same; the command gets them as one ``asked``.

    ``weights`` adds those about checkpoints, for verbs that load some; ``names`` False leaves out those that name
    models, for a verb that has an argument for its one model.
    """

    def decorate(command: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(command)
        def with_models(*arguments: Any, **values: Any) -> Any:
            return command(*arguments, asked=_asked(values), **values)

        for option in reversed((*(_NAMES if names else ()), *_MODEL_OPTIONS, *(_WEIGHTS_OPTIONS if weights else ()))):
            option(with_models)
        return with_models

    return decorate


def _asked(values: dict[str, Any]) -> ModelsAsked:
    """Take the options of :func:`model_options` out of ``values``."""
    from srbench.models.options import ModelOptions

    named = (*values.pop("models", ()), *values.pop("model_files", ()), *values.pop("checkpoints", ()))
    largest = values.pop("input_range")
    options = ModelOptions(
        arguments=values.pop("arguments"),
        input_range=None if largest is None else int(largest),  # type: ignore[arg-type]
        order=values.pop("order"),
        size_multiple=values.pop("size_multiple"),
        key=values.pop("key", None),
        strict=not values.pop("no_strict", False),
        shims=values.pop("shims"),
        root=values.pop("root"),
    )
    return ModelsAsked(named, options)
