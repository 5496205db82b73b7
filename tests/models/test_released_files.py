"""Every released file of weights at hand belongs to a card, byte for byte, and loads strictly into its network."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import torch

from srbench.models.card import ModelCard, Weights
from srbench.models.loading import load_card
from srbench.models.networks import build_network
from srbench.models.registry import cards

SUFFIXES = (".pth", ".pt", ".safetensors")
FIRST_ZOO = {"carn2018", "imdn2019", "pan2020", "rfdn2020", "aidn2022", "lrfdn2023"}
"""Papers whose cards say only under which licence the file of weights lies."""


def released() -> Iterator[tuple[ModelCard, Weights]]:
    """Every entry of released weights of every card of srbench."""
    for card in cards():
        yield from ((card, entry) for entry in card.weights if entry.origin == "released")


def at_hand(assets: Path) -> list[dict[str, str]]:
    """The lines of the mirror's manifest about files of weights that are there."""
    with (assets / "MANIFEST.csv").open(newline="", encoding="utf-8") as handle:
        lines = list(csv.DictReader(handle))
    return [line for line in lines if line["path"].endswith(SUFFIXES) and (assets / line["path"]).is_file()]


def test_every_file_at_hand_is_that_of_a_card(assets: Path) -> None:
    entries = {(entry.url, entry.sha256, entry.bytes) for _, entry in released()}
    files = at_hand(assets)
    assert len(files) > 80
    lacking = [line["url"] for line in files if (line["url"], line["sha256"], int(line["bytes"])) not in entries]
    assert lacking == []


def test_all_of_them_load_strictly(assets: Path, mirror: str) -> None:
    hashes = {line["sha256"] for line in at_hand(assets)}
    loaded = 0
    for card, entry in released():
        if entry.sha256 in hashes:
            model = load_card(card, entry.scale, "released", "cpu")
            assert card.strict
            assert model.weights.sha256 == entry.sha256
            assert not [note for note in model.notes if note.kind == "skipped-weights"]
            loaded += 1
    assert loaded > 80


def test_every_entry_says_whose_licence_the_code_and_the_weights_have() -> None:
    for card, entry in released():
        assert entry.licence, card.name
        assert card.code_licence or card.paper in FIRST_ZOO, card.name


def test_every_released_weight_has_its_parameters_counted_exactly() -> None:
    for card, entry in released():
        with torch.device("meta"):
            network = build_network(card, entry.scale)
        assert sum(p.numel() for p in network.parameters()) == card.params[entry.scale], (card.name, entry.scale)
