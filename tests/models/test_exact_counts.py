"""Parameters and costs of the registered networks, met to the last digit."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from srbench.leaderboard.causes import networks

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

EXACT: dict[str, dict[str, dict[str, Any]]] = tomllib.loads(
    (Path(__file__).parent / "exact_counts.toml").read_text(encoding="utf-8")
)
AT = (256, 256)
CASES = [
    (section, model, int(scale), wanted)
    for section, models in EXACT.items()
    for model, scales in models.items()
    for scale, wanted in scales.items()
]


def _giga(macs: int) -> float:
    return round(macs / 1e9, 4)


def _computed(section: str, model: str, scale: int) -> Any:
    if section == "params":
        return sum(p.numel() for p in networks._build(model, scale, None).parameters())
    if section == "fvcore_720p":
        size = (round(720 / scale), round(1280 / scale))
        return _giga(networks.counts(model, scale, size)["fvcore"].macs)
    at = networks.counts(model, scale, AT)
    if section == "hooks":
        return _giga(at["ntire-hooks"].macs)
    macs = [_giga(at[c].macs) for c in ("ntire-hooks", "fvcore", "torch")]
    return [*macs, round(at["macs"].activations / 1e6, 4), at["macs"].num_conv]


@pytest.mark.parametrize(("section", "model", "scale", "wanted"), CASES, ids=lambda v: str(v)[:24])
def test_a_count_is_the_recomputed_one_to_the_last_digit(section: str, model: str, scale: int, wanted: Any) -> None:
    assert _computed(section, model, scale) == wanted
