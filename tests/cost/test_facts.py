"""The figures that papers and challenges print, and the two libraries, for the registered models."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from srbench.cost.count import count
from srbench.cost.crosscheck import cross_check
from srbench.cost.params import parameters
from srbench.cost.source import open_network
from srbench.models.registry import cards

# LR 256x256: parameters, then G under ntire-hooks, fvcore and torch, activations in M, convolutions.
AT_256 = [
    ("imdn", 2, 694_404, 45.2398, 45.1852, 45.1601, 120.3245, 46),
    ("imdn", 3, 703_059, 45.8060, 45.7515, 45.7263, 121.3075, 46),
    ("imdn", 4, 715_176, 46.5987, 46.5442, 46.5190, 122.6838, 46),
    ("imdn-baseline", 4, 893_936, 58.5315, 58.4308, 58.4308, 154.1407, 43),
    ("e-rfdn", 4, 433_448, 27.1026, 27.0462, 27.0336, 112.0342, 64),
    ("arfdn", 4, 241_548, 14.5066, 14.4306, 14.4180, 151.3558, 100),
    ("lrfdn", 4, 198_032, 11.2318, 11.2484, 11.2316, 86.1821, 56),
    ("pan", 4, 272_419, 32.1908, 32.0922, 32.0440, 270.5326, 121),
]
# LR 180x320, that is HR 1280x720: G by fvcore.
AT_720P = [
    ("imdn", 40.9080),
    ("e-rfdn", 23.7702),
    ("pan", 28.2060),
    ("lrfdn", 9.8851),
    ("arfdn", 12.6822),
    ("imdn-baseline", 51.3552),
]
NETWORKS = [card for card in cards() if card.network is not None]
MAIN_NETWORKS = [card for card in NETWORKS if card.variant_of is None]
SLOW = {"edsr", "rdn", "rcan", "san", "drcn", "memnet", "drrn"}  # a real pass of these takes too long for a test

LONG = {"fiwhn", "bsrn"}  # fvcore takes tens of seconds for these, less at a smaller size


@pytest.mark.parametrize("row", AT_256, ids=lambda row: f"{row[0]}x{row[1]}")
def test_figures_at_lr_256x256(row):
    name, scale, params, hooks, fvcore, torch_half, activations, convs = row
    network = open_network(name, scale).network
    results = count(network, (256, 256))
    assert parameters(network).params == params
    found = [round(results[c].macs / 1e9, 4) for c in ("ntire-hooks", "fvcore", "torch")]
    assert found == [hooks, fvcore, torch_half]
    for result in results.values():
        assert (round(result.activations / 1e6, 4), result.num_conv) == (activations, convs)


@pytest.mark.parametrize(("name", "fvcore"), AT_720P)
def test_figures_at_1280x720(name, fvcore):
    assert round(count(open_network(name, 4).network, (180, 320))["fvcore"].macs / 1e9, 4) == fvcore


def test_a_figure_to_the_last_digit():
    # IMDN x4, worked out from the layer list: all convs at 65,536 positions, the channel attention at one.
    per_position = (
        27 * 64 + 6 * (9 * (64 * 64 + 2 * 48 * 64 + 48 * 16) + 64 * 64) + 384 * 64 + 9 * 64 * 64 + 9 * 64 * 48
    )
    attention = 6 * 2 * 64 * 4
    result = count(open_network("imdn", 4).network, (256, 256))
    assert result["macs"].macs == result["torch"].macs == per_position * 65536 + attention
    assert result["fvcore"].macs == result["macs"].macs + 6 * 64 * 65536  # pooling of the channel attention


@pytest.mark.parametrize(("scale", "giga"), [(2, 19.21), (3, 19.65), (4, 20.27)])
def test_aidn_as_its_paper_prints_it(scale, giga):
    result = count(open_network("aidn", scale).network, (256, 256))["ntire-hooks"]
    assert round(result.macs / 1e9, 2) == giga


@pytest.mark.parametrize("card", MAIN_NETWORKS, ids=lambda card: card.name)
def test_the_torch_convention_is_half_of_torchs_own_counter(card):
    source = open_network(card.name, card.scales[-1])
    size = source.fitting((24, 24))
    ours = count(source.network, size, card.channels, ("torch",), source.scale, card.pre_upsampled)["torch"].macs
    factor = source.scale if card.pre_upsampled else 1
    x = torch.zeros(1, card.channels, size[0] * factor, size[1] * factor, device="meta")
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        source.network.to("meta")(x)
    assert 2 * ours == counter.get_total_flops()


@pytest.mark.parametrize("card", [c for c in MAIN_NETWORKS if c.name not in SLOW], ids=lambda card: card.name)
def test_the_fvcore_convention_is_fvcore(card):
    source = open_network(card.name, card.scales[-1])
    size = source.fitting((8, 8) if card.name in LONG else (24, 24))
    check = cross_check(source.network, size, card.channels, source.scale, card.pre_upsampled)
    assert check.preset_agrees
    assert check.ptflops_params == check.params


@pytest.mark.parametrize("card", NETWORKS, ids=lambda card: card.name)
def test_nothing_in_a_registered_model_is_left_uncounted(card):
    source = open_network(card.name, card.scales[0])
    size = source.fitting((64, 64))
    result = count(source.network, size, card.channels, ("macs",), source.scale, card.pre_upsampled)["macs"]
    assert result.uncounted == {}
    assert sum(row.params for row in result.layers) == parameters(source.network).params
    assert sum(row.macs for row in result.layers) == result.macs
    assert result.depth <= result.num_conv


def test_8k_costs_what_its_area_says():
    network = open_network("imdn-baseline", 4).network
    small, large = (count(network, size)["macs"].macs for size in ((180, 320), (1080, 1920)))
    assert large == 36 * small


def test_the_challenges_own_rows(assets):
    table = Path(assets).parent / "facts" / "ntire2022_esr.csv"
    if not table.is_file():
        pytest.skip(f"no table of NTIRE 2022 at {table}")
    with table.open(newline="") as stream:
        rows = {row["team"]: row for row in csv.DictReader(stream)}
    for team, name in (("HiImageTeam", "arfdn"), ("TieGuoDun Team", "e-rfdn")):
        network = open_network(name, 4).network
        result = count(network, (256, 256))["ntire-hooks"]
        printed = rows[team]
        assert f"{parameters(network).params / 1e6:.3f}" == printed["params_m"]
        assert f"{result.macs / 1e9:.2f}" == printed["flops_g"]
        assert f"{result.activations / 1e6:.2f}" == printed["acts_m"]
        assert str(result.num_conv) == printed["num_conv"]
