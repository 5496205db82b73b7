"""From what a user names to a model card: the one place where a name becomes a card. No torch for registered names."""

from __future__ import annotations

import ast
import datetime
import hashlib
import inspect
import re
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from srbench.errors import SrbenchError, unknown_name
from srbench.models import hub
from srbench.models.card import ModelCard
from srbench.models.foreign import import_reference
from srbench.models.options import ModelOptions
from srbench.models.reference import EXAMPLES, Reference, parse_call, parse_reference
from srbench.models.registry import MODELS
from srbench.models.signature import is_image_function, scale_given

DECLARATION = "srbench_card"
ATTRIBUTES = (
    "input_range", "order", "colour", "size_multiple", "min_size", "pre_upsampled", "scales", "self_contained",
    "checkpoint", "checkpoint_key",
)  # fmt: skip
SCALES = (1, 2, 3, 4, 6, 8)
CHECKPOINTS = (".pth", ".pt", ".ckpt", ".pkl", ".bin", ".safetensors")

_ABSENT = {
    "safmn": "The network of the paper is not registered: its weights have no public address that can be pinned.",
}
"""Names that one looks for, and why no model has them."""

_REGISTERED_CALL = re.compile(r"(?P<name>[A-Za-z0-9][\w.+-]*)\s*(?P<call>\(.*\))", re.DOTALL)


def find_card(reference: Any, options: ModelOptions | None = None) -> ModelCard:
    """The card of what ``reference`` names, without loading weights.

    Args:
        reference: a registered name in upper or lower case (``IMDN``, ``rfdn(blocks=4)``), a class or function that
            makes a network (``net.py:Net``, ``net.py:Net(3, 3, upscale=4)``, ``package.module:Net``), the file of
            weights of a registered model, a ``torch.nn.Module``, a function from (uint8 LR, scale) to uint8 SR, or a
            card.
        options: what the network does not say itself. What cannot be read off a network is declared as an attribute
            of it, ``Net.srbench_card = {"input_range": 255}`` (any field of
            :class:`~srbench.models.card.ModelCard`), or plainly as ``Net.input_range = 255`` (:data:`ATTRIBUTES`);
            else RGB in [0, 1] is assumed.

    Raises:
        SrbenchError: nothing has that name, a file raises on import, or what is declared is no valid card.

    >>> find_card("IMDN").name, find_card("rfdn(blocks=4)").arguments
    ('imdn', {'blocks': 4})
    """
    options = options or ModelOptions()
    if isinstance(reference, ModelCard):
        return _with_options(reference, options)
    if isinstance(reference, (str, Path)):
        return _named(str(reference).strip(), options)
    if is_network(reference) or callable(reference):
        return card_of_object(reference, options)
    raise SrbenchError(
        f"a {type(reference).__name__} is no model; expected a name, {EXAMPLES}, a torch.nn.Module, a function from "
        "(uint8 LR, scale) to uint8 SR, or a ModelCard."
    )


def find_cards(
    references: Iterable[Any],
    options: ModelOptions | None = None,
    find: Callable[[Any, ModelOptions | None], ModelCard] | None = None,
) -> tuple[list[ModelCard], list[tuple[str, str]]]:
    """Cards of several references under different names, and (reference, reason) of those that failed.

    ``options`` is meant for networks that are not registered; of registered ones it changes the loading of weights
    only (``key``, ``strict``). ``find`` finds one of them, as :func:`find_card` does.

    Raises:
        SrbenchError: options for unregistered networks, where all are registered.
    """
    wanted = list(dict.fromkeys(references))
    options = options or ModelOptions()
    loading = ModelOptions(key=options.key, strict=options.strict)
    if wanted and replace(options, key=None, strict=True).given and all(map(is_registered, wanted)):
        raise SrbenchError(
            "arguments, range, order, size multiple, root and shims are for networks that are not registered; "
            f"write '{wanted[0]}(name=value)' to change an argument of a registered one."
        )
    cards: list[ModelCard] = []
    failures: list[tuple[str, str]] = []
    for reference in wanted:
        try:
            card = (find or find_card)(reference, loading if is_registered(reference) else options)
        except SrbenchError as error:
            failures.append((str(reference), str(error)))
            continue
        cards.append(_apart_from(card, cards))
    return cards, failures


def is_registered(reference: Any) -> bool:
    """Whether ``reference`` is the name of a registered model, alone or with arguments behind it."""
    if not isinstance(reference, str):
        return False
    call = _REGISTERED_CALL.fullmatch(reference.strip())
    return (call["name"] if call else reference.strip()) in MODELS


def is_network(found: Any) -> bool:
    """Whether ``found`` is a torch.nn.Module; torch is not imported for the question."""
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(found, torch.nn.Module)


def card_of_object(found: Any, options: ModelOptions) -> ModelCard:
    """The card of a network, a class of networks or an image function that was given as a Python object."""
    kind = type(found) if is_network(found) else found
    title = getattr(kind, "__name__", type(found).__name__)
    field = "network" if is_network(found) or inspect.isclass(found) else "interpolation"
    place = f"{getattr(kind, '__module__', '__main__')}:{getattr(kind, '__qualname__', title)}"
    fields = {"name": _slug(title) or "model", "title": title, field: place}
    return _with_options(_card(fields, found, place), replace(options, arguments={}))


def _named(text: str, options: ModelOptions) -> ModelCard:
    if text in MODELS:
        return _with_options(_variant(MODELS.get(text), options.arguments), options)
    call = _REGISTERED_CALL.fullmatch(text)
    if call is not None and call["name"] in MODELS:
        positional, keywords = parse_call(call["call"], text)
        if positional:
            raise SrbenchError(f"'{text}': give the arguments of a registered model by name, as in name=value.")
        return _with_options(_variant(MODELS.get(call["name"]), {**keywords, **options.arguments}), options)
    if hub.is_reference(text):
        from srbench.models.identify import card_of_checkpoint

        file = hub.fetch(text)
        card = card_of_checkpoint(file.path, options.key)
        return _with_options(card.model_copy(update={"note": f"{card.note} From {file.pinned}.".strip()}), options)
    path = Path(text).expanduser()
    if path.suffix in CHECKPOINTS:
        if not path.is_file():
            raise SrbenchError(f"there is no file of weights '{text}'; give the path of a .pth or .safetensors file.")
        from srbench.models.identify import card_of_checkpoint

        return _with_options(card_of_checkpoint(path, options.key), options)
    if path.suffix == ".py":
        raise _no_class_named(text, path)
    if ":" in text:
        return _foreign(_placed(parse_reference(text)), options)
    unknown = unknown_name("model", text, MODELS.names(), also=f"a network of your own as {EXAMPLES}")
    absent = _ABSENT.get(text.lower())
    raise SrbenchError(f"{unknown} {absent}") if absent else unknown


def _foreign(reference: Reference, options: ModelOptions) -> ModelCard:
    """The card of a class or function in a file or module."""
    found = import_reference(reference, root=options.root, shims=options.shims)
    if isinstance(found, ModelCard):
        return _with_options(_variant(found, {**reference.keywords, **options.arguments}), options)
    if not callable(found):
        raise SrbenchError(
            f"'{reference}' is a {type(found).__name__}; expected a class or function that makes the network."
        )
    called = reference.with_arguments(options.arguments)
    field = "interpolation" if is_image_function(found) else "network"
    title = reference.attribute.rpartition(".")[2]
    fields: dict[str, Any] = {"name": _name(reference), "title": title, field: str(called)}
    card = _card(fields, found, str(reference))
    own = scale_given(found, called)
    return _with_options(card if own is None else card.model_copy(update={"scales": (own,)}), options)


def _placed(reference: Reference) -> Reference:
    """The same with the absolute path of its file; ``models.net`` is a file where it lies below this folder."""
    if reference.is_file:
        return replace(reference, place=str(Path(reference.place).expanduser().resolve()))
    here = Path.cwd().joinpath(*reference.place.split(".")).with_suffix(".py")
    return replace(reference, place=str(here)) if here.is_file() else reference


def _card(fields: dict[str, Any], found: Any, shown: str) -> ModelCard:
    """A user's card from ``fields`` and what ``found`` declares about itself."""
    base = {
        "paper": "user",
        "year": datetime.datetime.now(datetime.timezone.utc).year,
        "scales": SCALES,
    }
    try:
        declared = {**_attributes(found), **dict(getattr(found, DECLARATION, {}))}
        if declared.get("name") in MODELS:  # a registered name means the registered network
            declared["name"] = f"file.{declared['name']}"
        return ModelCard.model_validate({**base, **fields, **declared})
    except (ValidationError, TypeError, ValueError) as error:
        raise SrbenchError(f"{DECLARATION} of '{shown}' is no model card: {_first(error)}.") from error


def _attributes(found: Any) -> dict[str, Any]:
    """Plain attributes of the class with the names of card fields."""
    values = {name: getattr(found, name, None) for name in ATTRIBUTES}
    return {name: value for name, value in values.items() if isinstance(value, (int, str, tuple, list))}


def _with_options(card: ModelCard, options: ModelOptions) -> ModelCard:
    """The card with what the user says about it; arguments are not among it."""
    given: dict[str, Any] = {
        "input_range": options.input_range,
        "order": options.order,
        "size_multiple": options.size_multiple,
        "scales": options.scales,
        "checkpoint_key": options.key,
        "strict": None if options.strict else False,
        "shims": options.shims or None,
        "root": options.root,
    }
    update = {name: value for name, value in given.items() if value is not None}
    if not update:
        return card
    try:
        return ModelCard.model_validate({**card.model_dump(), **update})
    except ValidationError as error:
        raise SrbenchError(f"'{card.name}' cannot be opened so: {_first(error)}.") from error


def _variant(card: ModelCard, arguments: Mapping[str, Any]) -> ModelCard:
    """A registered model with other arguments: another network, so without its weights and parameter counts."""
    if not arguments:
        return card
    shown = ", ".join(f"{name}={value!r}" for name, value in arguments.items())
    update = {
        "name": _slug(f"{card.name}.{'.'.join(f'{n}-{v}' for n, v in arguments.items())}"),
        "title": f"{card.title}({shown})",
        "arguments": {**card.arguments, **arguments},
        "params": {},
        "weights": (),
        "variant_of": card.variant_of or card.name,
    }
    return card.model_copy(update=update)


def _apart_from(card: ModelCard, others: Sequence[ModelCard]) -> ModelCard:
    """The card under a name and title that no other one has."""
    if card.name in {other.name for other in others}:
        place = hashlib.sha256(str(card.network or card.interpolation).encode()).hexdigest()[:8]
        card = card.model_copy(update={"name": f"{card.name}-{place}"})
    if card.title in {other.title for other in others}:
        card = card.model_copy(update={"title": f"{card.title} ({card.name})"})
    return card


def _name(reference: Reference) -> str:
    """``net`` for net.py:Net, ``net.other`` for net.py:Other; ``file.imdn`` where a registered model has the name."""
    stem = Path(reference.place).stem if reference.is_file else reference.place.rpartition(".")[2]
    stem, own = _slug(stem), _slug(reference.attribute)
    name = own if own == stem or not stem else f"{stem}.{own}"
    return f"file.{name}" if name in MODELS else name


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9.+-]+", "-", text.lower()).strip("-.")


def _no_class_named(text: str, path: Path) -> SrbenchError:
    """``net.py`` without a class: which classes the file has, read without running it."""
    try:
        body = ast.parse(path.read_bytes()).body
    except OSError:
        return SrbenchError(f"'{text}' does not exist; expected {EXAMPLES}.")
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        return SrbenchError(f"'{text}' is no Python: {error}.")
    classes = [node.name for node in body if isinstance(node, ast.ClassDef)]
    has = f"it has {', '.join(classes[-6:])}" if classes else "it has no classes"
    return SrbenchError(f"'{text}' names no network; expected {text}:CLASS ({has}).")


def _first(error: Exception) -> str:
    if isinstance(error, ValidationError):
        first = error.errors()[0]
        return f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
    return str(error)
