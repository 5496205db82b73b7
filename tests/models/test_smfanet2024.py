"""SMFANet and SMFANet+."""

from __future__ import annotations

import pytest
import torch
from zoo_checks import check_network, check_released

from srbench.models.smfanet2024 import SMFA


@pytest.mark.parametrize(
    ("name", "params"),
    [
        ("smfanet", {2: 185_628, 3: 190_503, 4: 197_328}),
        ("smfanet-df2k", {2: 185_628, 3: 190_503, 4: 197_328}),
        ("smfanet-plus", {2: 480_300, 3: 486_795, 4: 495_888}),
        ("smfanet-plus-df2k", {2: 480_300, 3: 486_795, 4: 495_888}),
    ],
)
def test_smfanet(name: str, params: dict[int, int]) -> None:
    check_network(name, params)


@pytest.mark.usefixtures("mirror")
@pytest.mark.parametrize(
    ("name", "scale", "psnr", "ssim"),
    [
        ("smfanet", 4, 32.253, 0.8956),
        ("smfanet-df2k", 4, 32.252, 0.8956),
        ("smfanet-plus", 4, 32.433, 0.8979),
        ("smfanet-plus-df2k", 4, 32.511, 0.8985),
        ("smfanet", 2, 38.044, 0.9606),
        ("smfanet", 3, 34.458, 0.9275),
    ],
)
def test_smfanet_reaches_its_figures(name: str, scale: int, psnr: float, ssim: float) -> None:
    check_released(name, psnr, ssim, scale=scale, lr="imresize")


def test_the_variance_is_that_of_the_whole_channel() -> None:
    torch.manual_seed(0)
    block = SMFA(4)
    torch.nn.init.ones_(block.variance_weight)
    x = torch.rand(1, 4, 16, 16)
    assert not torch.allclose(block(x)[..., :8], block(x[..., :8]), atol=1e-3)
