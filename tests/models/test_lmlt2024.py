"""LMLT-Tiny."""

from __future__ import annotations

import pytest
import torch
from zoo_checks import check_network, check_released

from srbench.errors import SrbenchError
from srbench.models import checkpoints, open_model
from srbench.models.lmlt2024 import pad_reflected


@pytest.mark.parametrize(
    ("name", "params"),
    [
        ("lmlt-tiny", {2: 239_340, 3: 244_215, 4: 251_040}),
    ],
)
def test_lmlt(name: str, params: dict[int, int]) -> None:
    check_network(name, params)


@pytest.mark.usefixtures("mirror")
@pytest.mark.parametrize(
    ("name", "scale", "psnr", "ssim"),
    [
        ("lmlt-tiny", 4, 32.187, 0.8947),
    ],
)
def test_lmlt_reaches_its_figures(name: str, scale: int, psnr: float, ssim: float) -> None:
    check_released(name, psnr, ssim, scale=scale, lr="imresize")


def test_reflection_reaches_any_multiple() -> None:
    x = torch.arange(5.0).view(1, 1, 1, 5).expand(1, 1, 3, 5)
    padded = pad_reflected(x, 16)
    assert padded.shape == (1, 1, 16, 16)
    assert padded[0, 0, 0].tolist() == [0, 1, 2, 3, 4, 3, 2, 1, 0, 1, 2, 3, 4, 3, 2, 1]
    assert pad_reflected(torch.rand(1, 1, 40, 50), 64).shape == (1, 1, 64, 64)
    with pytest.raises(SrbenchError, match="at least 2x2 pixels, got 1x5"):
        pad_reflected(x[..., :1, :], 16)


@pytest.mark.usefixtures("mirror")
def test_the_card_says_which_of_the_two_sets_of_weights_is_meant() -> None:
    model = open_model("lmlt-tiny", 4, weights="released")
    state = checkpoints.read_state(str(model.weights.path), "params").tensors
    assert torch.equal(model.network.head.weight, state["to_feat.weight"])
    assert not model.notes
