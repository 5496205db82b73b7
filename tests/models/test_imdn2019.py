"""IMDN and its configurations: exact counts, released figures, and adaptive cropping by Eq. 6-8."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn
from zoo_checks import check_network, check_released

from srbench.errors import SrbenchError
from srbench.models import imdn2019
from srbench.models.blocks import CCA
from srbench.models.imdn2019_as import IMDNAS, adaptive_crop, increment
from srbench.models.networks import build_network
from srbench.plugins import import_attribute


@pytest.mark.parametrize(
    ("name", "params"),
    [
        ("imdn", {2: 694_404, 3: 703_059, 4: 715_176}),
        ("imdn-baseline", {4: 893_936}),
        ("imdn-as", dict.fromkeys((1, 2, 3, 4), 752_104)),
        ("imdn-rtc", {2: 20_190}),
        ("imdn-b4-plain", {4: 509_552}),
        ("imdn-b4-prm", {4: 480_176}),
        ("imdn-b4-prm-cca", {4: 482_496}),
        ("imdn-b4-prm-ca", {4: 482_496}),
        ("imdn-b4", {4: 498_944}),
    ],
)
def test_imdn(name: str, params: dict[int, int]) -> None:
    check_network(name, params, arithmetic_size=(9, 11))


@pytest.mark.usefixtures("mirror")
@pytest.mark.parametrize(("scale", "psnr", "ssim"), [(2, 37.996, 0.9605), (3, 34.360, 0.9270), (4, 32.210, 0.8948)])
def test_imdn_reaches_its_printed_figures(scale: int, psnr: float, ssim: float) -> None:
    check_released("imdn", psnr, ssim, scale=scale, lr="imresize")


@pytest.mark.usefixtures("mirror")
def test_baseline_reaches_its_figures() -> None:
    check_released("imdn-baseline", 32.250, 0.8959)


def test_cca_is_standard_deviation_plus_mean_and_ca_the_mean() -> None:
    x = torch.randn(2, 16, 5, 7)
    seen: list[Tensor] = []
    for attention in (CCA(16), CCA(16, contrast=False)):
        attention.gate.register_forward_pre_hook(lambda _module, inputs: seen.append(inputs[0]))
        attention(x)
    mean = x.mean(dim=(2, 3), keepdim=True)
    torch.testing.assert_close(seen[0], mean + ((x - mean) ** 2).mean(dim=(2, 3), keepdim=True).sqrt())
    torch.testing.assert_close(seen[1], mean)


@given(size=st.integers(4, 500), k=st.integers(1, 16))
def test_increment_makes_patches_a_multiple_of_four(size: int, k: int) -> None:
    extra = increment(size, 4 * k)
    assert (size // 2 + extra) % 4 == 0  # Eq. 6
    assert extra == 4 * k - (size // 2 + 4 * k) % 4  # Eq. 7
    assert 4 * k - 3 <= extra <= 4 * k


@given(height=st.integers(4, 90), width=st.integers(4, 90), k=st.integers(1, 9))
@settings(max_examples=60, deadline=None)
def test_four_patches_of_one_size_in_one_batch_are_pasted_where_they_came_from(height: int, width: int, k: int) -> None:
    x = torch.arange(2.0 * height * width).reshape(2, 1, height, width)
    batches: list[tuple[int, ...]] = []

    def spy(patches: Tensor) -> Tensor:
        batches.append(tuple(patches.shape))
        return patches

    assert torch.equal(adaptive_crop(spy, x, 4 * k), x)
    assert len(batches) == 1
    assert batches[0][0] == 4 * 2
    assert batches[0][2] % 4 == batches[0][3] % 4 == 0


def test_cropping_equals_running_directly_away_from_the_seams() -> None:
    torch.manual_seed(0)
    network = IMDNAS(channels=16, num_blocks=1).direct.eval()
    for block in network.blocks:
        block.attention = nn.Identity()  # CCA looks at a whole patch; all else is local
    reach = 4 * (1 + 4 + 1) + 3 + 4 + 1  # rows that see a cut: convolutions at a quarter of the size, then in front
    x = torch.rand(1, 3, 160, 128)
    with torch.inference_mode():
        direct, cropped = network(x), adaptive_crop(network, x, padding=4)
        wide = adaptive_crop(network, x, padding=4 * (reach // 4 + 1))
    inner = torch.ones(160, 128, dtype=torch.bool)
    inner[80 - reach : 80 + reach] = False
    inner[:, 64 - reach : 64 + reach] = False
    torch.testing.assert_close(cropped[..., inner], direct[..., inner])
    assert not torch.allclose(cropped, direct, atol=1e-5)  # the seams do differ
    torch.testing.assert_close(wide, direct)  # increments beyond the reach discard everything that sees a cut


def test_imdn_as_runs_multiples_of_four_directly_and_refuses_what_no_patch_fits() -> None:
    network = build_network("imdn-as", 1)
    x = torch.rand(1, 3, 12, 16)
    with torch.inference_mode():
        assert torch.equal(network(x), network.direct(x))
        assert network(x[..., :5, :7]).shape == (1, 3, 5, 7)
        with pytest.raises(SrbenchError, match="at least 4, got 3 x 16"):
            network(x[..., :3, :])
    with pytest.raises(SrbenchError, match="4k with k >= 1"):
        adaptive_crop(network.direct, x, padding=6)


@pytest.mark.parametrize(
    ("name", "scale", "keys", "released"),
    [
        ("imdn-as", 4, "srbench.models.imdn2019_as:released_keys", ["fea_conv.2.bias", "IMDB6.cca.conv_du.0.weight"]),
        ("imdn-rtc", 2, "srbench.models.imdn2019:rtc_keys", ["model.1.sub.4.c5.bias", "model.2.weight"]),
    ],
)
def test_keys_of_releases_that_are_not_at_hand_are_mapped(
    name: str, scale: int, keys: str, released: list[str]
) -> None:
    renamed = import_attribute(keys)(dict.fromkeys(released))
    assert set(renamed) <= set(build_network(name, scale).state_dict())


def test_progressive_refinement_keeps_a_quarter_at_every_step() -> None:
    block = imdn2019.IMDB(64)
    widths = [(layer.in_channels, layer.out_channels) for layer in (*block.refine, block.last)]
    assert widths == [(64, 64), (48, 64), (48, 64), (48, 16)]  # Table 1
