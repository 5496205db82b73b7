"""What every network of the zoo must hold, once; a paper's test file says only its numbers."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from statistics import mean

import pytest
import torch
from torch import Tensor, nn

from srbench import open_dataset, open_model
from srbench.cost.params import deployed
from srbench.datasets.dataset import LrKind
from srbench.errors import SrbenchError
from srbench.metrics import score
from srbench.models.loading import SRModel
from srbench.models.networks import build_network
from srbench.models.registry import get_card
from srbench.models.reparam import fuse
from srbench.models.weights import ResolvedWeights

ODD_SIZE = (17, 23)


def check_network(
    name: str, params: dict[int, int], *, arithmetic_size: tuple[int, int] = ODD_SIZE, scale: int | None = None
) -> None:
    """Parameters exact at every scale, output exactly scale x input, batch equals single, smallest size in a sentence.

    Sizes are checked on 17x23 LR without arithmetic (meta tensors); the batch is computed, at
    ``arithmetic_size`` and one ``scale`` (default: the smallest), so that heavy networks stay cheap.
    """
    card = get_card(name)
    assert dict(card.params) == params
    for each in card.scales:
        check_meta(name, each, params[each])
    scale = scale or min(params)
    torch.manual_seed(0)
    with one_thread():
        network = build_network(name, scale)
        check_batch_equals_single(network, input_of(name, scale, arithmetic_size, batch=2))
        check_smallest_size(name, scale, network)


@contextmanager
def one_thread() -> Iterator[None]:
    """On tiny images, hundreds of layers wait longer for threads than they compute."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def input_of(name: str, scale: int, size: tuple[int, int], batch: int = 1) -> Tensor:
    """Noise in the card's range, (batch, channels, h, w), enlarged for networks that take the upsampled image."""
    card = get_card(name)
    factor = scale if card.pre_upsampled else 1
    return torch.rand(batch, card.channels, size[0] * factor, size[1] * factor) * card.input_range


def check_meta(name: str, scale: int, params: int, size: tuple[int, int] = ODD_SIZE) -> None:
    """``params`` parameters, and (2, channels, h, w) -> (2, channels, scale*h, scale*w), on meta tensors."""
    with torch.device("meta"), torch.no_grad():
        network = build_network(name, scale)
        output = network(input_of(name, scale, size, batch=2))
    assert sum(p.numel() for p in network.parameters()) == params
    assert output.shape == (2, get_card(name).channels, size[0] * scale, size[1] * scale)


@torch.no_grad()
def check_batch_equals_single(network: nn.Module, batch: Tensor) -> None:
    """Each image of a batch comes out as it does alone, and the output is not trivial."""
    together = network(batch)
    alone = torch.cat([network(image[None]) for image in batch])
    assert torch.isfinite(together).all()
    assert together.std() > 0
    torch.testing.assert_close(together, alone, rtol=1e-4, atol=1e-4 * float(alone.abs().max()))


def check_smallest_size(name: str, scale: int, network: nn.Module) -> None:
    """The smallest LR image of the card passes; one pixel less is refused in one sentence that says the size."""
    card = get_card(name)
    model = SRModel(card, scale, network, ResolvedWeights("user:test", "user"))
    smallest = torch.zeros(card.min_size, card.min_size, 3, dtype=torch.uint8).numpy()
    assert model(smallest).shape == (scale * card.min_size, scale * card.min_size, 3)
    if card.min_size > 1:
        with pytest.raises(SrbenchError, match=f"at least {card.min_size}x{card.min_size} pixels, got"):
            model(smallest[1:])


def check_released(
    name: str, psnr: float, ssim: float, *, scale: int = 4, lr: LrKind = "files", dataset: str = "set5"
) -> None:
    """The released weights load strictly and reach ``psnr`` (dB) and ``ssim`` on Set5 (default: x4, its LR files)."""
    model = open_model(name, scale, weights="released")
    scores = []
    for image in open_dataset(dataset, scale, lr=lr).images:
        low, hr = image.load()
        scores.append(score(model(low), hr, scale, "y-matlab"))
    assert mean(s.psnr for s in scores) == pytest.approx(psnr, abs=0.005)
    assert mean(s.ssim for s in scores) == pytest.approx(ssim, abs=0.0002)


@torch.no_grad()
def check_fusing(training: nn.Module, plain: nn.Module, *, size: tuple[int, int] = ODD_SIZE, channels: int = 3) -> None:
    """``training.deploy()`` (a block: fused) has the tensors of ``plain`` and computes what the branches computed.

    Every parameter is drawn at random, in double precision, so that no branch is silent; borders count.
    """
    torch.manual_seed(0)
    training = training.double().eval()
    for parameter in training.parameters():
        parameter.copy_(torch.randn_like(parameter) * 0.5 / max(1, parameter[0].numel()) ** 0.5)
    x = torch.rand(2, channels, *size, dtype=torch.float64)
    before = training(x)
    fused = deployed(training) or fuse(copy.deepcopy(training))
    shapes = {key: tensor.shape for key, tensor in plain.state_dict().items()}
    assert {key: tensor.shape for key, tensor in fused.state_dict().items()} == shapes
    assert sum(p.numel() for p in training.parameters()) != sum(p.numel() for p in plain.parameters())
    assert before.std() > 0
    assert deployed(plain) is None, "a network without branches has nothing to deploy"
    torch.testing.assert_close(fused(x), before, rtol=1e-9, atol=1e-9 * float(before.abs().max()))
