"""From a card to its torch network, without weights."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from torch import nn

from srbench.errors import SrbenchError
from srbench.models.card import ModelCard
from srbench.models.foreign import call, import_reference
from srbench.models.notes import LoadNote
from srbench.models.reference import Reference, parse_reference
from srbench.models.registry import check_scale, get_card
from srbench.models.signature import bound_arguments, scale_name


def build_network(card: ModelCard | str, scale: int = 4) -> nn.Module:
    """The network of a model at ``scale``, in eval mode, with its initial (untrained) weights.

    It maps (N, channels, h, w) float in [0, input_range] to (N, channels, scale*h, scale*w); a
    pre-upsampled one maps (N, channels, H, W) to the same size.

    Raises:
        SrbenchError: unknown name, a scale the model has not, an interpolation (no network), or a
            network class that raises.

    >>> sum(p.numel() for p in build_network("rfdn", 4).parameters())
    549624
    """
    return build(get_card(card) if isinstance(card, str) else card, scale)[0]


def build(card: ModelCard, scale: int, device: str = "cpu") -> tuple[nn.Module, tuple[LoadNote, ...]]:
    """The network of a card in eval mode, and what had to be done for it to be built.

    ``device`` is where it will run: a network that puts itself on a GPU may do so only there.

    Raises:
        SrbenchError: see :func:`build_network`.
    """
    check_scale(card, scale)
    if card.network is None:
        raise SrbenchError(f"'{card.name}' is an interpolation and has no network; it has no cost to count either.")
    reference = parse_reference(str(card.network))
    make = import_reference(reference, root=card.root, shims=card.shims)
    arguments = {**scale_argument(make, scale, reference), **reference.keywords, **card.arguments}
    if reference.is_file:
        loaded = call(make, reference, arguments, card, device)
        return _evaluating(loaded.network, card), loaded.notes
    try:
        network = make(*reference.positional, **arguments)
    except SrbenchError:
        raise
    except (Exception, SystemExit) as error:  # a user's class: anything can be raised
        raise SrbenchError(
            f"network '{card.network}' of model '{card.name}' raised {type(error).__name__} "
            f"when built for scale {scale}: {error}"
        ) from error
    return _evaluating(network, card), ()


def _evaluating(network: Any, card: ModelCard) -> nn.Module:
    if not isinstance(network, nn.Module):
        raise SrbenchError(
            f"network '{card.network}' of model '{card.name}' gave a {type(network).__name__}, not a torch.nn.Module."
        )
    return network.eval()


def scale_argument(make: Callable[..., Any], scale: int, given: Reference | None = None) -> dict[str, int]:
    """The scale under the name that ``make`` has for it; nothing where it has none, or where it is given already.

    >>> scale_argument(lambda upscale: None, 2), scale_argument(lambda **rest: None, 2)
    ({'upscale': 2}, {})
    """
    name = scale_name(make)
    if name is None or (given is not None and name in bound_arguments(make, given)):
        return {}
    return {name: scale}
