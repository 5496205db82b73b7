"""The two files of pins agree, and every pin has its hash."""

from __future__ import annotations

import re

from tests.supply_chain.hashes import HASHES, PINS, hashes, pins


def test_every_pin_has_a_hash_and_nothing_else_has() -> None:
    hashed = HASHES.read_text(encoding="utf-8")
    assert pins(hashed) == pins(PINS.read_text(encoding="utf-8")), "run python -m tests.supply_chain.hashes"
    found = hashes(hashed)
    assert set(found) == set(pins(hashed))
    assert all(re.fullmatch("[0-9a-f]{64}", one) for each in found.values() for one in each)
