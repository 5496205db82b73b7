"""``open_model``: uint8 in, uint8 out, for every kind of network."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from srbench.errors import SrbenchError
from srbench.imaging import imresize, rgb_to_ycbcr
from srbench.models.card import ModelCard
from srbench.models.find import find_card
from srbench.models.loading import SRModel
from srbench.models.opening import open_model
from srbench.models.weights import ResolvedWeights

GIVEN = ResolvedWeights("user:test", "user")


class Nearest(nn.Module):
    """Repeats pixels; ``offset`` is added, ``multiple`` is the size it insists on."""

    def __init__(self, scale: int, offset: float = 0.0, multiple: int = 1) -> None:
        super().__init__()
        self.scale, self.offset, self.multiple = scale, offset, multiple

    def forward(self, x: Tensor) -> Tensor:
        assert x.shape[-2] % self.multiple == x.shape[-1] % self.multiple == 0
        y = x + self.offset
        return y.repeat_interleave(self.scale, -2).repeat_interleave(self.scale, -1)


def a_card(**fields: object) -> ModelCard:
    base = {"name": "toy", "title": "Toy", "paper": "none", "year": 2024, "scales": (2,), "network": "toy:Toy"}
    return ModelCard.model_validate({**base, **fields})


def an_image(height: int = 6, width: int = 7) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8)


@pytest.mark.parametrize("input_range", [1, 255])
def test_values_go_in_in_the_cards_range_and_come_out_clamped_and_rounded(input_range: int) -> None:
    lr = an_image()
    for offset in (0.0, 0.6, -300.0, 300.0):
        network = Nearest(2, offset * input_range / 255)
        sr = SRModel(a_card(input_range=input_range), 2, network, GIVEN)(lr)
        wanted = np.clip(np.rint(lr.astype(float) + offset), 0, 255).repeat(2, 0).repeat(2, 1)
        assert sr.dtype == np.uint8
        assert np.array_equal(sr, wanted)


@pytest.mark.parametrize("size", [(6, 7), (8, 8), (1, 1), (3, 20)])
def test_sizes_are_padded_to_the_multiple_and_cropped_again(size: tuple[int, int]) -> None:
    lr = an_image(*size)
    sr = SRModel(a_card(size_multiple=8), 2, Nearest(2, multiple=8), GIVEN)(lr)
    assert np.array_equal(sr, lr.repeat(2, 0).repeat(2, 1))


def test_luma_networks_get_studio_luma_and_chroma_is_bicubic() -> None:
    lr, seen = an_image(), []

    class Same(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            seen.append(x)
            return x

    sr = SRModel(a_card(colour="y", pre_upsampled=True), 2, Same(), GIVEN)(lr)
    assert sr.shape == (12, 14, 3)
    enlarged = imresize(rgb_to_ycbcr(lr), 2)
    np.testing.assert_allclose(seen[0][0, 0].numpy() * 255, enlarged[..., 0], atol=1e-4)
    grey = np.repeat(lr[..., :1], 3, axis=2)
    difference = SRModel(a_card(colour="y", pre_upsampled=True), 2, Same(), GIVEN)(grey).astype(int)
    assert np.ptp(difference, axis=2).max() <= 1


def test_pre_upsampled_networks_get_the_enlarged_image() -> None:
    lr = an_image()
    assert np.array_equal(SRModel(a_card(pre_upsampled=True), 2, Nearest(1), GIVEN)(lr), imresize(lr, 2))


def test_wrong_output_wrong_input_and_missing_weights_are_one_sentence() -> None:
    with pytest.raises(SrbenchError, match=r"returned \(1, 3, 18, 21\) for \(1, 3, 6, 7\); expected \(1, 3, 12, 14\)"):
        SRModel(a_card(), 2, Nearest(3), GIVEN)(an_image())
    for bad in (np.zeros((4, 4), np.uint8), np.zeros((4, 4, 3)), "image.png"):
        with pytest.raises(SrbenchError, match="takes a uint8 image of shape"):
            SRModel(a_card(), 2, Nearest(2), GIVEN)(bad)  # type: ignore[arg-type]
    with pytest.raises(SrbenchError, match="'rfdn' x4 was loaded without weights; it has a cost but no SR"):
        open_model("rfdn", 4, weights="none")(an_image(16, 16))
    with pytest.raises(SrbenchError, match="'rfdn' has no scale x8; it has x2, x3, x4"):
        open_model("rfdn", 8, weights="none")
    with pytest.raises(SrbenchError, match=r"device 'cuda:77' cannot be used here"):
        open_model("imdn-rtc", 2, weights="none", device="cuda:77")


def test_no_gradients_no_training_mode() -> None:
    model = open_model("imdn-rtc", 2, weights="none")
    assert model.network is not None
    assert not model.network.training
    assert not model.forward(torch.rand(2, 3, 5, 6)).requires_grad


def test_a_users_class_declares_its_range_by_an_attribute_and_needs_no_weights_when_it_says_so(tmp_path: Path) -> None:
    file = tmp_path / "mine.py"
    file.write_text(
        "from torch import nn\n"
        "class Mine(nn.Upsample):\n"
        "    input_range, self_contained, scales = 255, True, (3,)\n"
        "    def __init__(self):\n"
        "        super().__init__(scale_factor=3)\n"
    )
    card = find_card(f"{file}:Mine")
    assert (card.input_range, card.scales) == (255, (3,))
    lr = an_image()
    assert np.array_equal(open_model(card, 3, weights="auto")(lr), lr.repeat(3, 0).repeat(3, 1))
