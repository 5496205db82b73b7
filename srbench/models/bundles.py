"""Bundled weights: what lies in ``bundled/`` with a training record beside it belongs to the card of its model.

``<model>_x<scale>.safetensors`` and the ``<model>_x<scale>.json`` that ``srbench train`` wrote next to it are all
it takes; the card gets an entry of origin ``bundled``. No torch.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from srbench.errors import SrbenchError
from srbench.models.card import ModelCard, Weights

BUNDLED = Path(__file__).parent / "bundled"
LICENCE = "MIT"


def with_bundled(card: ModelCard, folder: Path = BUNDLED) -> ModelCard:
    """``card`` with an entry for each bundled file of its scales that it does not list itself.

    Raises:
        SrbenchError: a record that is no JSON of ``srbench train``, or one without its weights.
    """
    listed = {entry.scale for entry in card.weights if entry.origin == "bundled"}
    found = [
        _entry(record)
        for scale in card.scales
        if scale not in listed and (record := folder / f"{card.name}_x{scale}.json").is_file()
    ]
    return card.model_copy(update={"weights": (*card.weights, *found)}) if found else card


def _entry(record: Path) -> Weights:
    weights = record.with_suffix(".safetensors")
    try:
        content = json.loads(record.read_text(encoding="utf-8"))
        return Weights(
            tag="bundled",
            scale=content["scale"],
            origin="bundled",
            sha256=content["weights_sha256"],
            bytes=weights.stat().st_size,
            licence=LICENCE,
            file=weights.name,
            note=_note(content),
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SrbenchError(f"bundled weights: {record} is not the record of {weights.name} ({error}).") from error


def _note(record: dict[str, Any]) -> str:
    """What the weights are, in one line, so that nobody takes them for the authors'."""
    recipe = record["recipe"]["name"] if "name" in record["recipe"] else record["recipe_sha256"][:12]
    data = f"{record['data']} ({record['data_images']} images)"
    training = f"{record['steps']:,} steps on {data}, {record['device']}"
    return f"Trained by srbench, recipe {recipe}, {training}; not by its paper."
