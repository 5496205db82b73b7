"""A model of a cell, open: srbench's own and those of plugins here, any other in a process of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from srbench.errors import SrbenchError
from srbench.evaluation.images import ModelFailure
from srbench.results.store import Way

if TYPE_CHECKING:
    from srbench.evaluation.apart.setting import Apart
    from srbench.models.card import ModelCard
    from srbench.models.loading import SRModel
    from srbench.models.weights import ResolvedWeights


def open_for_cell(card: ModelCard, scale: int, weights: ResolvedWeights, way: tuple[str, Way], apart: Apart) -> SRModel:
    """The model with its weights on its device, run as its way says.

    Args:
        card: the model.
        scale: factor between LR and HR.
        weights: resolved.
        way: device, with its number, and how the network is run.
        apart: how the process of a model is run that is not ours.

    Raises:
        SrbenchError: weights do not fit, no such device, the model's own code raised, or its process ended.
    """
    from srbench.evaluation.apart.processes import is_ours, open_apart

    if not is_ours(card):
        return open_apart(card, scale, weights, way, apart)
    try:
        return open_here(card, scale, weights, *way)
    except SrbenchError:
        raise
    except Exception as error:  # a plugin's network may raise anything
        raise ModelFailure(f"{card.name} raised {type(error).__name__} while it was built: {error}") from error


def open_here(card: ModelCard, scale: int, weights: ResolvedWeights, device: str, way: Way) -> SRModel:
    """The same in this process, whoever's code it is.

    Raises:
        SrbenchError: as :func:`srbench.models.opening.open_model`.
    """
    from srbench.models.ensemble import with_self_ensemble
    from srbench.models.memory_format import with_memory_format
    from srbench.models.opening import open_model
    from srbench.models.precision import with_precision

    model = with_precision(open_model(card, scale, weights, device), way.precision)
    model = with_memory_format(model, way.memory_format)
    if way.backend != "eager":
        from srbench.evaluation.backends import with_backend

        model = with_backend(model, way.backend)
    return with_self_ensemble(model) if way.self_ensemble else model
