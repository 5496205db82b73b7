"""The rows of a pass as they come, in any order, in columns: some hundred bytes an image, however many there are."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from srbench.datasets.dataset import hash_digests
from srbench.evaluation.engine.session import Row
from srbench.metrics.protocols import Protocol
from srbench.results.image_rows import ImageRow, ImageRows
from srbench.results.record import Tiles

DIGEST = 32
"""Bytes of a SHA-256."""


@dataclass
class Measured:
    """What one protocol gives: rows in the order of the dataset, values of whole sets, and why some have none."""

    protocol: Protocol
    rows: ImageRows = field(default_factory=ImageRows)
    of_set: dict[str, float] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Scores:
    """What was measured by protocol id, and the hash of exactly the pixels that were scored."""

    by_protocol: dict[str, Measured]
    data_sha256: str
    machine: str = ""
    """The machine that measured the first image."""
    machines: tuple[str, ...] = ()
    """All of them."""
    tiles: Tiles | None = None
    """The smallest tiles that a GPU's lack of memory led to."""

    def rows(self, protocol: Protocol) -> Sequence[ImageRow]:
        """The images under one protocol, in the order of the dataset."""
        return self.by_protocol[protocol.id].rows


class Rows:
    """What the images of a pass have given under some protocols; :meth:`reduced` puts it into the images' order."""

    def __init__(self, protocols: Sequence[Protocol]) -> None:
        self._protocols = {protocol.id: protocol for protocol in protocols}
        self._rows = {ident: ImageRows() for ident in self._protocols}
        self._missing: dict[str, dict[str, tuple[int, int, str]]] = {ident: {} for ident in self._protocols}
        """By protocol and quantity: the first image without a value, the quantity's place in its row, and why."""
        self._places = array("q")
        """By index: how many came before; -1 where none is there."""
        self._count = 0
        self._digests = bytearray()
        self._machines: dict[str, int] = {}
        """By machine: the first image that it measured."""
        self._tiles: list[tuple[int, int, Tiles]] = []
        """The smallest: edge, image, and what they are."""

    def add(self, row: Row) -> None:
        """Take the row of an image that is not among them."""
        index = row["index"]
        for ident, rows in self._rows.items():
            given = row["by_protocol"][ident]
            rows.append(row["image"], row["lr_size"], given["values"], given["identical"])
            reasons = self._missing[ident]
            for number, (quantity, reason) in enumerate(given["missing"].items()):
                if quantity not in reasons or index < reasons[quantity][0]:
                    reasons[quantity] = index, number, reason
        self._digests += bytes.fromhex(row["hr"]) + bytes.fromhex(row["lr"])
        self._machines[row["machine"]] = min(index, self._machines.get(row["machine"], index))
        if row.get("tiles") is not None:
            tiles = Tiles.model_validate(row["tiles"])
            self._tiles = [min([*self._tiles, (tiles.tile, index, tiles)], key=lambda each: each[:2])]
        self._places.extend([-1] * (index + 1 - len(self._places)))
        self._places[index] = self._count
        self._count += 1

    def __contains__(self, index: int) -> bool:
        return index < len(self._places) and self._places[index] >= 0

    def __len__(self) -> int:
        return self._count

    def reduced(self, of_set: Mapping[str, float], indices: Iterable[int] | None = None) -> Scores:
        """The scores of these images, by default of all, in their order; ``of_set`` are values of the whole set."""
        every = (index for index in range(len(self._places)) if index in self)
        places = array("q", (self._places[index] for index in (every if indices is None else indices)))
        found = {
            ident: Measured(protocol, self._rows[ident].in_order(places), dict(of_set), self._reasons(ident))
            for ident, protocol in self._protocols.items()
        }
        machines = tuple(sorted(self._machines, key=self._machines.__getitem__))
        tiles = self._tiles[0][2] if self._tiles else None
        return Scores(found, hash_digests(self._in_order(places)), machines[0] if machines else "", machines, tiles)

    def _reasons(self, ident: str) -> dict[str, str]:
        """Why quantities have no value, those first that are missing first."""
        ordered = sorted(self._missing[ident].items(), key=lambda item: item[1][:2])
        return {quantity: reason for quantity, (_, _, reason) in ordered}

    def _in_order(self, places: Sequence[int]) -> Iterator[tuple[str, str, str]]:
        names = next(iter(self._rows.values()))
        for place in places:
            begin = 2 * DIGEST * place
            hr, lr = (self._digests[at : at + DIGEST].hex() for at in (begin, begin + DIGEST))
            yield names.name(place), hr, lr
