"""AIDN, ARFDN and the ablations of Table 2."""

from __future__ import annotations

import pytest
import torch
from zoo_checks import check_network, check_released

from srbench.models.aidn2022 import AIDB, AIEB
from srbench.models.networks import build_network


@pytest.mark.parametrize(
    ("name", "params"),
    [
        ("aidn", {2: 323_262, 3: 330_027, 4: 339_498}),
        ("arfdn", {4: 241_548}),
        ("aidn-t2-base", {4: 352_848}),
        ("aidn-t2-aieb", {4: 350_736}),
        ("aidn-t2-fdc", {4: 339_498}),
        ("aidn-t2-aidb", {4: 339_498}),
    ],
)
def test_aidn(name: str, params: dict[int, int]) -> None:
    check_network(name, params)


@pytest.mark.usefixtures("mirror")
def test_arfdn_reaches_its_figures() -> None:
    check_released("arfdn", 32.122, 0.8937)


def test_aieb_is_two_branches_of_crossed_convolutions() -> None:
    block = AIEB(6, 3)
    shapes = [tuple(branch[i].weight.shape) for branch in (block.tall_wide, block.wide_tall) for i in (0, 2)]
    assert shapes == [(3, 6, 3, 1), (3, 3, 1, 3), (3, 6, 1, 3), (3, 3, 3, 1)]


def test_multiplexing_adds_distilled_features_again() -> None:
    torch.manual_seed(0)
    x = torch.randn(1, 50, 16, 16)
    with_it, without = AIDB(50, 25), AIDB(50, 25, multiplex=False)
    without.load_state_dict(with_it.state_dict())
    assert not torch.allclose(with_it(x), without(x))


def test_the_tables_need_six_blocks_and_the_challenge_entry_has_four() -> None:
    assert [len(build_network(name, 4).blocks) for name in ("aidn", "arfdn")] == [6, 4]
