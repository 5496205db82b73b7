"""``open_model``: anything that names a model, as a session that is ready to run. The one way in for every verb."""

from __future__ import annotations

import contextlib
import copy
import hashlib
import inspect
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from torch import Tensor, nn

from srbench.errors import SrbenchError
from srbench.models.card import ModelCard
from srbench.models.find import card_of_object, find_card, is_network
from srbench.models.foreign import Loaded
from srbench.models.loading import SRModel, load_card, load_weights, to_device
from srbench.models.networks import build
from srbench.models.options import ModelOptions
from srbench.models.reference import Reference
from srbench.models.registry import check_scale
from srbench.models.signature import scale_name
from srbench.models.weights import ResolvedWeights, resolve


def open_model(
    reference: Any,
    scale: int = 4,
    weights: str | Path | ResolvedWeights = "auto",
    device: str = "cpu",
    options: ModelOptions | None = None,
) -> SRModel:
    """Open a model, ready to run, from whatever names it.

    Args:
        reference: a registered name, ``net.py:Net(3, upscale=4)``, ``package.module:Net``, a file of weights of a
            registered model, a ``torch.nn.Module``, a class of them, a function from (uint8 LR, scale) to uint8 SR,
            or a card; see :func:`srbench.models.find.find_card`.
        scale: factor between LR and HR.
        weights: "auto" (what is there: released, else bundled, else none; a ``torch.nn.Module`` keeps its own),
            "released", "bundled", "none", or a file, ``{scale}`` in its name standing for the factor.
        device: "cpu" or "cuda".
        options: what neither the network nor a card says.

    Returns:
        A session: call it with a uint8 LR image (h, w, 3) to get the SR image (scale*h, scale*w, 3).

    Raises:
        SrbenchError: no such model or scale, weights that are not there, are unsafe or do not fit, a network that
            cannot be built, or no such device.

    >>> import numpy as np
    >>> open_model("bicubic", scale=2)(np.zeros((5, 7, 3), np.uint8)).shape
    (10, 14, 3)
    >>> open_model(lambda lr, scale: lr.repeat(scale, 0).repeat(scale, 1), 3)(np.zeros((5, 7, 3), np.uint8)).shape
    (15, 21, 3)
    """
    options = options or ModelOptions()
    if is_network(reference):
        return _given(reference, card_of_object(reference, options), scale, weights, device)
    if inspect.isclass(reference) and issubclass(reference, nn.Module):
        return _of_class(reference, scale, weights, device, options)
    card = find_card(reference, options)
    model = load_card(card, scale, weights, device)
    return replace(model, function=reference) if callable(reference) and not isinstance(reference, ModelCard) else model


def load_class(
    root: str | Path,
    module: str,
    class_name: str,
    arguments: Mapping[str, Any] | Sequence[Any] = (),
    options: ModelOptions | None = None,
    scale: int | None = None,
) -> Loaded:
    """Build one class of a repository, alone: nothing else of the repository is run but what its file imports.

    Args:
        root: the repository's folder.
        module: a module in it, ``models.team04_Net`` or ``models/team04_Net.py``.
        class_name: a class or function of that module that makes the network.
        arguments: what it is called with, by name or by position.
        options: what the class does not say itself; further arguments by name among them.
        scale: given to a constructor that has a parameter for it; default: what the arguments say, else 4.

    Raises:
        SrbenchError: no such module or class, or it raises.
    """
    folder = Path(root).expanduser().resolve()
    file = folder / (module if module.endswith(".py") else f"{module.replace('.', '/')}.py")
    named = dict(arguments) if isinstance(arguments, Mapping) else {}
    positional = () if isinstance(arguments, Mapping) else tuple(arguments)
    options = options or ModelOptions()
    reference = Reference(str(file), class_name, positional, named)
    card = find_card(str(reference), replace(options, root=str(folder)))
    network, notes = build(card, scale or (card.scales[0] if len(card.scales) == 1 else 4))
    return Loaded(card, network, notes)


def _of_class(
    kind: type[nn.Module], scale: int, weights: str | Path | ResolvedWeights, device: str, options: ModelOptions
) -> SRModel:
    name = scale_name(kind)
    arguments = {**({name: scale} if name else {}), **options.arguments}
    try:
        network = kind(**arguments)
    except Exception as error:  # a user's class: anything can be raised
        raise SrbenchError(f"{kind.__name__} raised {type(error).__name__} when built: {error}") from error
    given = "none" if weights == "auto" and not card_of_object(kind, options).self_contained else weights
    return _given(network, card_of_object(kind, options), scale, given, device)


def _given(
    network: nn.Module, card: ModelCard, scale: int, weights: str | Path | ResolvedWeights, device: str
) -> SRModel:
    """A network that is there already, in a copy, so that the caller's is left as it is."""
    check_scale(card, scale)
    with contextlib.suppress(RuntimeError, TypeError):  # some networks hold what cannot be copied
        network = copy.deepcopy(network)
    if weights == "auto" and not card.checkpoint:
        found = ResolvedWeights("user:in-memory", "user", sha256=_hash_of(network.state_dict()))
    else:
        found = weights if isinstance(weights, ResolvedWeights) else resolve(card, scale, weights)
    notes = load_weights(network, card, scale, found) if found.path is not None else ()
    return SRModel(card, scale, to_device(network, device), found, device, notes=notes)


def _hash_of(state: Mapping[str, Any]) -> str:
    """SHA-256 over names, shapes and values of a state dict."""
    digest = hashlib.sha256()
    for name, value in sorted(state.items()):
        if isinstance(value, Tensor):
            digest.update(f"{name} {tuple(value.shape)} {value.dtype}".encode())
            digest.update(value.detach().cpu().double().numpy().tobytes())
    return digest.hexdigest()
