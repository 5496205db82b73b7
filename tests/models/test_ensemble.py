"""The self-ensemble: eight views, turned back, eight times the cost, and what it brings."""

from __future__ import annotations

from statistics import mean

import pytest
import torch
from torch import Tensor, nn

from srbench import evaluate
from srbench.cost.count import count
from srbench.datasets import open_dataset
from srbench.errors import SrbenchError
from srbench.metrics import score
from srbench.models.ensemble import SelfEnsemble, turned, turned_back, with_self_ensemble
from srbench.models.networks import build_network
from srbench.models.opening import open_model


class Nearest(nn.Module):
    """Enlarges by 2; the position of a pixel does not matter, so every view gives the same."""

    def forward(self, x: Tensor) -> Tensor:
        """Super-resolve x."""
        return nn.functional.interpolate(x, scale_factor=2, mode="nearest")


def test_the_eight_views_differ_and_are_turned_back() -> None:
    x = torch.arange(6.0).view(1, 1, 2, 3)
    views = [turned(x, view) for view in range(8)]
    assert len({(tuple(view.shape), tuple(view.flatten().tolist())) for view in views}) == 8
    assert all(torch.equal(turned_back(turned(x, view), view), x) for view in range(8))
    torch.testing.assert_close(SelfEnsemble(Nearest())(x), Nearest()(x))


@torch.no_grad()
def test_turning_the_input_turns_the_output() -> None:
    torch.manual_seed(0)
    network = SelfEnsemble(build_network("plainusr-u", 2)).double()
    x = torch.rand(1, 3, 12, 15, dtype=torch.float64)
    whole = network(x)
    for view in range(8):
        torch.testing.assert_close(network(turned(x, view)), turned(whole, view))


def test_it_costs_eight_passes_and_has_no_more_parameters() -> None:
    model = open_model("etds-t", 4, weights="none")
    plus = with_self_ensemble(model)
    assert plus.self_ensemble
    assert not model.self_ensemble
    one, eight = (count(m.network, (32, 48), conventions=("macs",), scale=4)["macs"] for m in (model, plus))
    assert eight.macs == 8 * one.macs
    assert eight.activations == 8 * one.activations
    sizes = [sum(p.numel() for p in m.network.parameters()) for m in (model, plus)]
    assert sizes[0] == sizes[1]


def test_what_has_no_network_or_has_it_already_is_refused() -> None:
    with pytest.raises(SrbenchError, match="'bicubic' has no network"):
        with_self_ensemble(open_model("bicubic", 4))
    with pytest.raises(SrbenchError, match="is a self-ensemble already"):
        with_self_ensemble(with_self_ensemble(open_model("etds-t", 4, weights="none")))


@pytest.mark.usefixtures("mirror")
def test_it_brings_tenths_of_a_decibel() -> None:
    model = open_model("rlfn-ntire", 4, weights="released")
    pairs = [image.load() for image in open_dataset("set5", 4).images if image.name in ("bird", "butterfly")]
    alone, plus = (mean(score(run(lr), hr, 4).psnr for lr, hr in pairs) for run in (model, with_self_ensemble(model)))
    assert 0.2 < plus - alone < 0.3


def test_evaluate_says_that_a_figure_is_of_an_ensemble() -> None:
    model = open_model("etds-t-train", 4, weights="bundled")
    frames = [evaluate(each, open_dataset("embedded", 4, limit=1)) for each in (model, with_self_ensemble(model))]
    assert [frame.attrs["self_ensemble"] for frame in frames] == [False, True]
    assert frames[0].psnr[0] != frames[1].psnr[0]
