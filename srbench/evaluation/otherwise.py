"""Stored records that were computed otherwise than is asked for now: which of them answer, and how they were computed.

Tiles that are not exact change values by more than a last bit, so a record of them answers only who asks for the same.
A memory format and exact tiles move last bits: such a record answers, and it is said how it was computed.
"""

from __future__ import annotations

from srbench.evaluation.engine.setting import Engine
from srbench.results.record import Computed, QualityRecord, Tiles

_OF_OLD = Computed()
"""How results were computed that do not say it."""


def inexact_tiles(record: QualityRecord, engine: Engine) -> Tiles | None:
    """The tiles of a record that are neither exact nor asked for; None where the record may answer.

    Those that a full GPU led to answer: the same run would come to them again.
    """
    tiles = (record.computed or _OF_OLD).tiles
    if tiles is None or tiles.exact or _are_asked(tiles, engine):
        return None
    return None if record.device.startswith("cuda") and tiles.tile_asked is None else tiles


def _are_asked(tiles: Tiles, engine: Engine) -> bool:
    cut = engine.tile is not None or engine.memory is not None
    return cut and (tiles.tile_asked, tiles.overlap_asked) == (engine.tile, engine.overlap)


def computed_with(record: QualityRecord, engine: Engine) -> tuple[str, ...]:
    """What of the way a record was computed is not as asked, such as 'channels_last'; () where nothing is."""
    computed = record.computed or _OF_OLD
    found: list[str] = []
    used, asked = computed.memory_format, engine.memory_format
    if used != asked and not (asked == "fastest" and computed.format_trial is not None):
        found.append(used if asked != "fastest" else f"{used}, without a trial")
    if computed.tiles is not None and not _are_asked(computed.tiles, engine):
        found.append(f"tiles of {computed.tiles.tile} with {computed.tiles.overlap} around them")
    if computed.tiles is None and _would_be_cut(record, engine):
        found.append("whole images")
    return tuple(found)


def _would_be_cut(record: QualityRecord, engine: Engine) -> bool:
    """Whether images are larger than the tiles that are asked for.

    How much a network looks at around a tile is not known before it is open: where the overlap is left open, an image
    that is little larger than the tile may be named and would not be cut.
    """
    if engine.tile is None:
        return False
    from srbench.evaluation.engine.tiles import Tiling

    window = Tiling(engine.tile, engine.overlap or 0).window
    return any(max(row.lr_size) > window for row in record.images)
