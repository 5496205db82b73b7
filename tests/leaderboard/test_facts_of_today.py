"""All that the collected facts list stands in srbench: every released file, every key in it, every printed figure.

``checkpoints.csv`` (files), ``state_dicts/`` (keys and shapes) and ``printed.csv`` (rows) lie beside the mirror of
weights and images; without them these tests skip.
"""

from __future__ import annotations

import csv
from functools import lru_cache
from pathlib import Path

import pytest
import torch

from srbench.leaderboard.states import Comparison, State, compare
from srbench.models import checkpoints
from srbench.models.card import ModelCard, Weights
from srbench.models.networks import build_network
from srbench.models.registry import get_card
from srbench.plugins import import_attribute
from tests.conftest import ASSETS

OUR_NAMES = {
    "rlfn_ntire": "rlfn-ntire", "safmn_ntire": "safmn-ntire", "espcn": "espcn-rgb", "fsrcnn": "fsrcnn-rgb",
    "bicubic": "bicubic-torch",
}  # fmt: skip
OUR_DATASETS = {"b100": "bsd100", "div2k100": "div2k-valid"}
NOT_HERE = ("urban100", "manga109", "div2k-valid")
"""Images that the mirror has not; the others must have been measured."""
UNREGISTERED = {"safmn-iccv": "SAFMN"}
"""Networks whose weights have no address, by the label of their row."""
PAPERS = ("rlfn2022", "vapsr2022", "lkdn2023", "etds2023", "cfsr2024", "smfanet2024", "safmn2023")
Row = dict[str, str]


@pytest.fixture(scope="session")
def facts(assets: Path) -> Path:
    """Folder of the facts about modern networks."""
    folder = assets.parent / "facts" / "modern"
    if not (folder / "checkpoints.csv").is_file():
        pytest.skip(f"no facts about modern networks at {folder}")
    return folder


@pytest.fixture(scope="session")
def files(facts: Path) -> list[Row]:
    """The lines of checkpoints.csv."""
    return _lines(facts / "checkpoints.csv")


def test_every_file_is_that_of_a_card_with_its_hash_its_size_and_its_number_of_parameters(files: list[Row]) -> None:
    assert len(files) == 107
    for line in files:
        card, entry = _of(line)
        assert (entry.url, entry.sha256, entry.bytes) == (line["url"], line["sha256"], int(line["bytes"]))
        assert entry.key in (None, line["container_key"]), card.name
        assert card.params[entry.scale] == int(line["num_params"]), card.name


def test_every_key_of_a_file_that_is_not_at_hand_has_its_place_in_the_network(facts: Path, files: list[Row]) -> None:
    """Its keys and shapes are known; those at hand are loaded, in tests/models/test_released_files.py."""
    away = [line for line in files if not _at_hand(line)]
    assert 0 < len(away) < len(files)
    for line in away:
        card, entry = _of(line)
        listed = _lines(facts / "state_dicts" / f"{line['model']}_x{line['scale']}.csv")
        with torch.device("meta"):
            network = build_network(card, entry.scale)
            state = {one["key"]: torch.empty(_shape(one["shape"])) for one in listed}
        renamed = import_attribute(entry.key_map)(state) if entry.key_map else state
        assert len(state) == int(line["num_tensors"])
        assert checkpoints.mismatch(network, renamed) == "", (card.name, entry.scale)


def test_every_printed_figure_has_a_cell_with_its_digits_and_a_state_with_its_reason(facts: Path) -> None:
    cells: dict[tuple[str, ...], list[Comparison]] = {}
    for found in compare(PAPERS):
        cell = found.printed.cell
        key = (cell.model or cell.row, str(cell.scale), cell.dataset, cell.metric, cell.value)
        cells.setdefault(key, []).append(found)
    printed = _lines(facts / "printed.csv")
    assert len(printed) > 500
    counted: dict[State, int] = {}
    for line in printed:
        name = UNREGISTERED.get(line["model"]) or OUR_NAMES.get(line["model"], line["model"])
        dataset = OUR_DATASETS.get(line["dataset"], line["dataset"])
        for metric in ("psnr", "ssim"):
            if line[metric]:
                here = cells.get((name, line["scale"], dataset, metric, line[metric]), [])
                assert here, f"printed and not kept: {line}"
                for found in here:
                    counted[found.state] = counted.get(found.state, 0) + 1
                    _check(found, line, dataset)
    assert counted["reproduced"] > 10 * counted["off"]


def _check(found: Comparison, line: Row, dataset: str) -> None:
    measurable = dataset not in NOT_HERE and line["model"] not in UNREGISTERED and _at_hand(line)
    allowed: tuple[State, ...] = (
        ("reproduced", "off") if measurable else ("dataset not measured", "weights unavailable", "published only")
    )
    assert found.state in allowed, (line, found.state, found.reason)
    if found.state != "reproduced":
        assert found.reason, line
        assert found.reason != "cause unknown", line


def _at_hand(line: Row) -> bool:
    """Whether what a row was measured with can be had here."""
    name = OUR_NAMES.get(line["model"], line["model"])
    if name == "bicubic-torch":
        return True
    entry = next(e for e in get_card(name).weights if e.scale == int(line["scale"]) and e.origin == "released")
    return entry.sha256 in _hashes()


@lru_cache(maxsize=1)
def _hashes() -> frozenset[str]:
    return frozenset(line["sha256"] for line in _lines(ASSETS / "MANIFEST.csv") if (ASSETS / line["path"]).is_file())


def _of(line: Row) -> tuple[ModelCard, Weights]:
    card = get_card(OUR_NAMES.get(line["model"], line["model"]))
    (entry,) = (e for e in card.weights if e.scale == int(line["scale"]) and e.origin == "released")
    return card, entry


def _shape(text: str) -> tuple[int, ...]:
    return tuple(int(n) for n in text.split("x")) if text else ()


def _lines(file: Path) -> list[Row]:
    with file.open(newline="", encoding="utf-8") as handle:
        return list(csv.DictReader(handle))
