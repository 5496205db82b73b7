"""From a card to its torch network, without weights."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from torch import nn

from srbench.errors import SrbenchError
from srbench.models.card import ModelCard
from srbench.models.registry import check_scale, get_card
from srbench.plugins import import_attribute

SCALE_NAMES = ("scale", "upscale", "upscale_factor", "scale_factor", "sf")
"""What constructors of networks in use call the scale."""


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
    if isinstance(card, str):
        card = get_card(card)
    check_scale(card, scale)
    if card.network is None:
        raise SrbenchError(f"'{card.name}' is an interpolation and has no network; it has no cost to count either.")
    make = import_attribute(card.network)
    try:
        network = make(**{**scale_argument(make, scale), **card.arguments})
    except SrbenchError:
        raise
    except Exception as error:  # a plugin's class: anything can be raised
        raise SrbenchError(
            f"network '{card.network}' of model '{card.name}' raised {type(error).__name__} "
            f"when built for scale {scale}: {error}"
        ) from error
    if not isinstance(network, nn.Module):
        raise SrbenchError(
            f"network '{card.network}' of model '{card.name}' gave a {type(network).__name__}, not a torch.nn.Module."
        )
    return network.eval()


def scale_argument(make: Callable[..., Any], scale: int) -> dict[str, int]:
    """The scale under the name that ``make`` takes it by; nothing for a user's class that takes none.

    >>> scale_argument(lambda upscale: None, 2)
    {'upscale': 2}
    """
    try:
        taken = inspect.signature(make).parameters
    except (TypeError, ValueError):  # a builtin that does not say what it takes
        return {"scale": scale}
    for name in SCALE_NAMES:
        if name in taken:
            return {name: scale}
    open_ended = any(parameter.kind is parameter.VAR_KEYWORD for parameter in taken.values())
    return {"scale": scale} if open_ended else {}
