"""The reach that is followed holds every pixel that an output really depends on, and tiles give the whole image."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.nn import functional as F

from srbench.cost.reach import reach
from srbench.datasets import open_dataset
from srbench.datasets.dataset import Dataset, FileReader, ImagePair
from srbench.errors import SrbenchError
from srbench.evaluation.apart.processes import close_all
from srbench.evaluation.apart.setting import Apart
from srbench.evaluation.engine.fit import (
    BYTES_PER_SR_PIXEL,
    base_bytes,
    largest_lr,
    pass_bytes,
    resident_bytes,
    tiling_for,
)
from srbench.evaluation.engine.setting import Engine
from srbench.evaluation.engine.tiles import SMALLEST, Fitting, Tiling, pieces, super_resolve_in_tiles, tiling_of
from srbench.evaluation.opening import open_for_cell
from srbench.imaging import write_image
from srbench.models import SRModel, find_card, open_model
from srbench.models.precision import with_precision
from srbench.models.weights import resolve
from srbench.results.store import Way

SCALE = 2


class Net(nn.Module):
    """A random network of local operators at x2."""

    def __init__(self, blocks: list[str]) -> None:
        super().__init__()
        self.blocks = blocks
        self.head = nn.Conv2d(3, 8, 3, padding=1)
        self.layers = nn.ModuleList(_layer(kind) for kind in blocks)
        self.tail = nn.Conv2d(8, 12, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        y = self.head(x)
        for kind, layer in zip(self.blocks, self.layers, strict=True):
            y = y + layer(y) if kind != "channels last" else y + layer(y.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)
        base = F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False)
        return F.pixel_shuffle(self.tail(y), 2) + base


class Down(nn.Module):
    """Half the size and back."""

    def __init__(self, up: str) -> None:
        super().__init__()
        self.down = nn.Conv2d(8, 8, 3, stride=2, padding=1)
        self.up: nn.Module = nn.ConvTranspose2d(8, 8, 4, 2, 1) if up == "transposed" else nn.Upsample(scale_factor=2)

    def forward(self, x: Tensor) -> Tensor:
        """(N, 8, h, w) of even sizes."""
        return self.up(F.leaky_relu(self.down(x), 0.1))


def _layer(kind: str) -> nn.Module:
    return {
        "conv": lambda: nn.Sequential(nn.Conv2d(8, 8, 3, padding=1), nn.PReLU(8)),
        "dilated": lambda: nn.Conv2d(8, 8, 3, padding=2, dilation=2),
        "wide": lambda: nn.Conv2d(8, 8, (1, 7), padding=(0, 3)),
        "depthwise": lambda: nn.Sequential(nn.Conv2d(8, 8, 5, padding=2, groups=8), nn.GELU(), nn.Conv2d(8, 8, 1)),
        "reflect": lambda: nn.Sequential(nn.ReflectionPad2d(1), nn.Conv2d(8, 8, 3)),
        "pool": lambda: nn.Sequential(nn.AvgPool2d(3, 1, 1), nn.Sigmoid()),
        "channels last": lambda: nn.Sequential(nn.LayerNorm(8), nn.Linear(8, 8)),
        "transposed": lambda: Down("transposed"),
        "nearest": lambda: Down("nearest"),
    }[kind]()


SAME_SIZE = ("conv", "dilated", "wide", "depthwise", "reflect", "pool", "channels last")
HALVES = ("transposed", "nearest")
blocks = st.lists(st.sampled_from(SAME_SIZE + HALVES), min_size=1, max_size=4)


def model_of(network: nn.Module, multiple: int = 1) -> SRModel:
    model = open_model(network.eval(), SCALE)
    return replace(model, card=model.card.model_copy(update={"size_multiple": multiple}))


def multiple_of(kinds: list[str]) -> int:
    return 2 if any(kind in HALVES for kind in kinds) else 1


@settings(max_examples=15, deadline=None)
@given(blocks, st.integers(0, 3))
def test_nan_reaches_as_far_as_followed(kinds: list[str], phase: int) -> None:
    """A pixel that is not a number makes exactly those outputs none that depend on it."""
    torch.manual_seed(0)
    network = Net(kinds).eval()
    found = reach(network, multiple=multiple_of(kinds))
    assert found.exact, found.mixing
    size, at = 96, 48 + phase
    image = torch.zeros(1, 3, size, size)
    image[..., at, at] = float("nan")
    with torch.no_grad():
        touched = network(image).isnan()[0, 0]
    rows, columns = (touched.any(d).nonzero().flatten() for d in (1, 0))
    farthest = max(max(at - int(places.min()) // SCALE, int(places.max()) // SCALE - at) for places in (rows, columns))
    assert farthest <= found.overlap
    if multiple_of(kinds) == 1:  # after a stride, how far it is depends on the place
        assert farthest == found.overlap


@settings(max_examples=12, deadline=None)
@given(blocks, st.integers(97, 180), st.integers(97, 150), st.integers(10, 70))
def test_tiles_give_the_whole_image(kinds: list[str], height: int, width: int, tile: int) -> None:
    torch.manual_seed(1)
    model = model_of(Net(kinds), multiple_of(kinds))
    lr = np.random.default_rng(height * width).integers(0, 256, (height, width, 3), dtype=np.uint8)
    tiling = tiling_of(model, tile)
    assert tiling.exact
    calls: list[int] = []
    tiled = super_resolve_in_tiles(model, lr, SCALE, tiling, lambda: calls.append(1))
    off = np.abs(tiled.astype(int) - model(lr))
    assert off.max() <= 1, "torch may take another kernel for another size, which rounds otherwise"
    assert np.count_nonzero(off) <= 1e-4 * off.size
    assert bool(calls) == (height > tiling.window or width > tiling.window)


@settings(max_examples=8, deadline=None)
@given(blocks, st.integers(97, 150), st.integers(97, 150), st.integers(10, 70))
def test_in_double_precision_tiles_are_the_whole_image_to_the_byte(
    kinds: list[str], height: int, width: int, tile: int
) -> None:
    torch.manual_seed(1)
    model = with_precision(model_of(Net(kinds), multiple_of(kinds)), "fp64")
    lr = np.random.default_rng(height * width).integers(0, 256, (height, width, 3), dtype=np.uint8)
    tiling = tiling_of(model, tile)
    assert tiling.exact
    assert np.array_equal(super_resolve_in_tiles(model, lr, SCALE, tiling), model(lr))


@pytest.mark.parametrize("name", ["abpn-et-m4c28", "espcn-rgb", "span"])
def test_in_double_precision_networks_of_the_zoo_are_the_same_in_tiles(name: str) -> None:
    torch.manual_seed(2)
    model = open_model(name, 4, "none")
    assert model.network is not None
    model = with_precision(open_model(model.network.eval(), 4), "fp64")
    lr = np.random.default_rng(0).integers(0, 256, (100, 121, 3), dtype=np.uint8)
    tiling = tiling_of(model, 17)
    assert tiling.exact
    assert np.array_equal(super_resolve_in_tiles(model, lr, 4, tiling), model(lr))


@given(st.integers(1, 5000), st.integers(1, 700), st.integers(0, 90), st.sampled_from([1, 2, 4, 6]))
def test_pieces_cover_the_axis_once(length: int, tile: int, overlap: int, align: int) -> None:
    tiling = Tiling(-(-tile // align) * align, overlap, align)
    found = pieces(length, tiling)
    assert [p.core_start for p in found] == [0, *(p.core_stop for p in found[:-1])]
    assert found[-1].core_stop == length
    for piece in found:
        assert 0 <= piece.start <= piece.core_start < piece.core_stop <= piece.stop <= length
        assert piece.start % align == 0
        assert piece.start == 0 or piece.core_start - piece.start >= overlap
        assert piece.stop == length or piece.stop - piece.core_stop >= overlap
        assert piece.stop == length or piece.stop % align == 0
        assert piece.stop - piece.start <= tiling.window + align


def test_too_small_an_overlap_is_seen() -> None:
    torch.manual_seed(2)
    model = model_of(Net(["conv", "wide"]))
    lr = np.random.default_rng(0).integers(0, 256, (200, 97, 3), dtype=np.uint8)
    tiling = tiling_of(model, 40, overlap=2)
    assert not tiling.exact
    assert not np.array_equal(super_resolve_in_tiles(model, lr, SCALE, tiling), model(lr))


@pytest.mark.parametrize(
    ("name", "kinds"),
    [
        ("imdn", {"global"}),
        ("rlfn", {"resize"}),
        ("rcan", {"global"}),
        ("safmn-ntire", {"global", "resize", "constant"}),
    ],
)
def test_networks_with_a_view_of_the_whole_image_are_recognised(name: str, kinds: set[str]) -> None:
    network = open_model(name, 4, "none").network
    assert network is not None
    found = reach(network)
    assert not found.exact
    assert {mixing.kind for mixing in found.mixing} == kinds
    assert all(mixing.operator for mixing in found.mixing)


@pytest.mark.parametrize(("name", "overlap"), [("imdn-baseline", 35), ("espcn-rgb", 4), ("span", 21), ("edsr", 68)])
def test_reach_of_known_networks(name: str, overlap: int) -> None:
    """IMDN's basic network: 35 convolutions of 3x3 in a row, EDSR: 68 at LR size and 2 after the first shuffle."""
    network = open_model(name, 4, "none").network
    assert network is not None
    found = reach(network)
    assert (found.overlap, found.exact) == (overlap, True)


def test_interpolations_have_no_tiles() -> None:
    with pytest.raises(Exception, match="tiles are for networks"):
        tiling_of(open_model("bicubic", 2), 64)


def test_luma_networks_look_as_far_as_bicubic(tmp_path: Any) -> None:
    model = open_model("srcnn", 3, "none")
    assert tiling_of(model, 64).overlap >= 3


@dataclass
class OnGpu:
    """Stands for a model on a GPU that has room for so many LR pixels."""

    room: int
    model: SRModel
    device: str = "cuda:0"

    def __getattr__(self, name: str) -> Any:
        return getattr(self.model, name)

    def __call__(self, lr: np.ndarray) -> np.ndarray:
        if lr.shape[0] * lr.shape[1] > self.room:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate")
        return self.model(lr)


def test_a_full_gpu_halves_the_tile() -> None:
    torch.manual_seed(3)
    model = model_of(Net(["conv"]))
    lr = np.random.default_rng(0).integers(0, 256, (260, 400, 3), dtype=np.uint8)
    run = Fitting(OnGpu(130 * 130, model))  # type: ignore[arg-type]
    assert np.array_equal(run(lr), model(lr))
    assert run.halved == 2
    assert run.tiling is not None
    assert run.tiling.window**2 <= 130 * 130
    assert np.array_equal(run(lr), model(lr))
    assert run.halved == 2  # it stays as it is


def test_a_gpu_that_is_too_small_for_any_tile_says_so() -> None:
    model = model_of(Net(["conv"]))
    lr = np.zeros((300, 300, 3), np.uint8)
    with pytest.raises(torch.OutOfMemoryError):
        Fitting(OnGpu(100, model))(lr)  # type: ignore[arg-type]


def test_the_largest_image_is_found_without_decoding(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number, (height, width) in enumerate([(20, 30), (41, 33), (10, 40)]):
        write_image(tmp_path / f"{number}.png", np.zeros((height, width, 3), np.uint8))
    images = open_dataset(tmp_path, 4)
    monkeypatch.setattr(FileReader, "__call__", lambda reader: pytest.fail("decoded"))
    assert largest_lr(images) == (10, 8)


def test_a_tile_that_fits_is_chosen_by_predicted_memory() -> None:
    model = open_model("imdn-baseline", 4, "none")
    whole = pass_bytes(model, (600, 600))
    images = Dataset("made", 4, "imresize", (ImagePair("a", 4, lambda: np.zeros((2400, 2400, 3), np.uint8)),))
    around = resident_bytes(model) + 2400 * 2400 * BYTES_PER_SR_PIXEL
    assert tiling_for(model, images, Engine(memory=around + 2 * whole)) is None
    tiling = tiling_for(model, images, Engine(memory=around + whole // 2))
    assert tiling is not None
    assert SMALLEST <= tiling.window < 600
    assert pass_bytes(model, (tiling.window, tiling.window)) <= whole // 2 + (16 << 20)
    with pytest.raises(SrbenchError, match=r"does not fit into --memory 1 MiB.*give at least [0-9]+M"):
        tiling_for(model, images, Engine(memory=1 << 20))


def test_memory_counts_the_process_of_a_users_network(tmp_path: Path) -> None:
    net = tmp_path / "net.py"
    net.write_text(
        "import torch\nfrom torch import nn\n"
        "ballast = torch.ones(64 << 20)  # 256 MiB\n"
        "class Net(nn.Module):\n"
        "    srbench_card = {'self_contained': True, 'scales': (2,)}\n"
        "    def __init__(self):\n"
        "        super().__init__()\n"
        "        self.up = nn.Sequential(nn.Conv2d(3, 12, 3, padding=1), nn.PixelShuffle(2))\n"
        "    def forward(self, x):\n"
        "        return self.up(x)\n"
    )
    card = find_card(f"{net}:Net")
    model = open_for_cell(card, 2, resolve(card, 2, "auto"), ("cpu", Way()), Apart(warm=False))
    try:
        assert base_bytes(model) - base_bytes(open_model("bicubic", 2)) > 256 << 20
    finally:
        close_all()
