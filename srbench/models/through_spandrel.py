"""Checkpoints of networks that are not registered, recognised by spandrel where it is installed (srbench[spandrel]).

spandrel knows a network by the names and shapes of its weights. The file is read by srbench's own reader, which never
executes what a file holds.
"""

from __future__ import annotations

import datetime
import importlib.util
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from torch import Tensor, nn

from srbench.download import hash_file
from srbench.errors import SrbenchError
from srbench.models import checkpoints
from srbench.models.card import ModelCard, Weights

HERE = "srbench.models.through_spandrel"
HINT = "spandrel may know the network: pip install 'srbench[spandrel]'"


def is_installed() -> bool:
    """Whether spandrel can be imported."""
    return importlib.util.find_spec("spandrel") is not None


def card_of(path: Path, state: Mapping[str, Tensor], key: str | None) -> ModelCard | None:
    """The card of the network that spandrel recognises in ``state``, the weights in ``path``; None if it knows none.

    Raises:
        SrbenchError: it is no network for RGB super-resolution, or takes square images only.
    """
    found = _descriptor(state)
    if found is None:
        return None
    name = found.architecture.name
    if getattr(found, "purpose", "") != "SR" or (found.input_channels, found.output_channels) != (3, 3):
        raise SrbenchError(
            f"'{path}' holds {name}, {found.input_channels} to {found.output_channels} channels, for "
            f"{getattr(found, 'purpose', 'other uses')}; srbench measures super-resolution of RGB images."
        )
    needs = found.size_requirements
    if needs.square:
        raise SrbenchError(f"'{path}' holds {name}, which takes square images only; srbench does not cut images.")
    version = importlib.import_module("spandrel").__version__
    return ModelCard(
        name=_slug(path.stem),
        title=f"{path.stem} ({name})",
        paper="user",
        year=datetime.datetime.now(datetime.timezone.utc).year,
        scales=(found.scale,),
        network=f"{HERE}:network",
        arguments={"path": str(path.resolve()), "key": key},
        size_multiple=needs.multiple_of,
        min_size=max(1, needs.minimum),
        params={found.scale: sum(parameter.numel() for parameter in found.model.parameters())},
        checkpoint=str(path.resolve()),
        checkpoint_key=key,
        weights=(
            Weights(
                tag="file",
                scale=found.scale,
                origin="user",
                sha256=hash_file(path),
                bytes=path.stat().st_size,
                licence="unstated",
                key_map=f"{HERE}:as_loaded",
            ),
        ),
        note=f"Recognised as {name} by spandrel {version}.",
    )


def network(scale: int, path: str, key: str | None = None) -> nn.Module:
    """The network in the file ``path``, of factor ``scale``: (N, 3, h, w) in 0..1 -> (N, 3, scale*h, scale*w).

    Raises:
        SrbenchError: spandrel is not installed or does not know it, or the factor is another.
    """
    found = _descriptor(checkpoints.read_state(path, key).tensors)
    if found is None:
        raise SrbenchError(f"'{path}' holds a network that is not recognised; {HINT}.")
    if found.scale != scale:
        raise SrbenchError(f"'{path}' holds {found.architecture.name} for x{found.scale}, not x{scale}.")
    model: nn.Module = found.model
    return model


def as_loaded(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The tensors of ``state`` under the names that spandrel's network has for them."""
    found = _descriptor(state)
    return dict(state) if found is None else dict(found.model.state_dict())


def _descriptor(state: Mapping[str, Tensor]) -> Any:
    """spandrel's description of the network, with its weights; None without spandrel or where it knows none."""
    if not is_installed():
        return None
    spandrel = _spandrel()
    try:
        return spandrel.ModelLoader(device="cpu").load_from_state_dict(dict(state))
    except spandrel.UnsupportedModelError:
        return None
    except Exception as error:  # a network's constructor on weights that only look like its own
        raise SrbenchError(f"spandrel took the weights for a network that they do not fit: {error}") from error


def _spandrel() -> Any:
    """The package.

    Raises:
        SrbenchError: it is installed but cannot be imported, mostly for the sake of its torchvision.
    """
    try:
        return importlib.import_module("spandrel")
    except Exception as error:  # torchvision raises RuntimeError where it was built for another torch
        first = next(iter(str(error).strip().splitlines()), type(error).__name__)
        raise SrbenchError(
            f"the network is not registered, and spandrel is installed but cannot be imported ({first}); install the "
            "build of torchvision that belongs to the installed torch, or name the network with --model-file."
        ) from error


def _slug(text: str) -> str:
    kept = "".join(char if char.isalnum() or char in ".+-" else "-" for char in text.lower()).strip(".+-")
    return kept or "checkpoint"
