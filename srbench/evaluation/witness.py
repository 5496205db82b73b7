"""Independent witnesses: other libraries measure the same pixels and count the same networks on this machine.

PSNR and SSIM are held against scikit-image, which converts colours, windows and averages by code of its own; MACs,
activations and parameters against fvcore, ptflops and torch's counter, which run each network for real.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from srbench.errors import SrbenchError

if TYPE_CHECKING:
    from torch import nn

PROTOCOLS = ("y-matlab", "y-rounded", "rgb-ntire")
NETWORKS = ("fsrcnn", "carn-m", "imdn", "pan", "safmn-ntire")
"""Between them: transposed, grouped and depthwise convolutions, attention, pooling, nearest upsampling, norms."""
INPUT_SIZE = (24, 24)
"""LR (height, width): the libraries compute for real."""
CROP = (slice(40, 200), slice(120, 312))
"""The part of an embedded image that is scored, 160x192 pixels."""
TOLERANCE, ROUNDED_TOLERANCE = 1e-6, 1e-4
"""How far apart the values of an image may be: the last bits of floating point. Counts must be equal."""
TIES = "194 of the 16.7 million colours have a luma exactly between two integers; floating point rounds it either way"


@dataclass(frozen=True)
class Statement:
    """What srbench and another library say of one thing. ``note`` says what else there is to know."""

    quantity: str
    subject: str
    witness: str
    ours: float
    theirs: float
    tolerance: float = 0.0
    note: str = ""

    @property
    def agrees(self) -> bool:
        """Whether both say the same, within the tolerance."""
        return bool(abs(self.ours - self.theirs) <= self.tolerance)


def statements(networks: Sequence[str] = NETWORKS, protocols: Sequence[str] = PROTOCOLS) -> Iterator[Statement]:
    """Everything that the witnesses have to say, images first, as it becomes known.

    Raises:
        SrbenchError: a witness is not installed, an unknown network or protocol, or a library that fails.
    """
    try:
        for protocol in protocols:
            yield from _of_images(protocol)
        for name in networks:
            yield from _of_network(name)
    except ImportError as error:
        raise SrbenchError(f"a witness is not installed ({error}); pip install {error.name or 'it'}.") from error


@cache
def _named(package: str) -> str:
    return f"{package} {version(package)}"


def _of_images(protocol_name: str, scale: int = 4) -> Iterator[Statement]:
    from srbench.datasets import open_dataset
    from srbench.imaging import imresize
    from srbench.metrics.measure import measure_image
    from srbench.metrics.protocols import get_protocol
    from srbench.quantities.registry import DEFAULT_QUALITY, image_quantities

    protocol, quantities = get_protocol(protocol_name), image_quantities(DEFAULT_QUALITY)
    for pair in open_dataset("embedded", scale, limit=2).images:
        hr = np.ascontiguousarray(pair.load_hr()[CROP])
        sr = imresize(imresize(hr, 1 / scale), hr.shape[:2])
        ours = measure_image(sr, hr, scale, protocol, quantities)
        border = protocol.border(scale)
        inside = (slice(border, -border), slice(border, -border))
        theirs = _by_skimage(_planes(sr, protocol)[inside], _planes(hr, protocol)[inside])
        for quantity in quantities:
            yield Statement(
                quantity.name,
                f"{pair.name}, bicubic x{scale}, {protocol.id}",
                _named("scikit-image"),
                ours[quantity.name],
                theirs[quantity.name],
                ROUNDED_TOLERANCE if protocol.rounded else TOLERANCE,
                TIES if protocol.rounded else "",
            )


def _planes(image: NDArray[np.uint8], protocol: Any) -> NDArray[Any]:
    """What a protocol measures, (H, W, planes), by scikit-image's own conversion."""
    from skimage.color import rgb2ycbcr

    if protocol.channel == "rgb":
        return image.astype(np.float64)
    luma: NDArray[Any] = rgb2ycbcr(image / 255)[..., :1]  # of float64; of uint8 it is computed in less
    return np.floor(luma + 0.5) if protocol.rounded else luma


def _by_skimage(sr: NDArray[Any], hr: NDArray[Any]) -> dict[str, float]:
    import skimage.metrics

    from srbench.quantities.registry import DEFAULT_QUALITY

    judge: Any = skimage.metrics  # which states no types
    similarity = judge.structural_similarity(
        hr, sr, data_range=255, channel_axis=-1, gaussian_weights=True, sigma=1.5, use_sample_covariance=False
    )
    values = (judge.peak_signal_noise_ratio(hr, sr, data_range=255), similarity)
    return dict(zip(DEFAULT_QUALITY, map(float, values), strict=True))


def _of_network(name: str) -> Iterator[Statement]:
    from srbench.cost.count import count
    from srbench.cost.crosscheck import cross_check
    from srbench.models.networks import build_network
    from srbench.models.registry import get_card

    card = get_card(name)
    scale = card.scales[-1]
    network = build_network(card, scale)
    subject = f"{card.name} x{scale}, LR {INPUT_SIZE[1]}x{INPUT_SIZE[0]}"
    size = INPUT_SIZE
    ours = count(network, size, card.channels, ("fvcore", "torch"), scale, card.pre_upsampled)
    check = cross_check(network, size, card.channels, scale, card.pre_upsampled)
    activations, flops, biased = _by_running(network, (1, card.channels, *_given(size, scale, card.pre_upsampled)))
    convolutions = {row.operator: row for row in check.operators}["conv"]

    def say(quantity: str, witness: str, mine: float, theirs: float, note: str = "") -> Statement:
        return Statement(quantity, subject, _named(witness), mine, theirs, note=note)

    yield say("params", "ptflops", check.params, float(check.ptflops_params or 0))
    yield say("macs:fvcore", "fvcore", ours["fvcore"].macs, sum(row.fvcore for row in check.operators))
    yield say("activations:fvcore", "fvcore", ours["fvcore"].activations, activations)
    yield say("macs:torch", "torch", ours["torch"].macs, flops / 2, "half of its FLOPs")
    yield say(
        "macs",
        "ptflops",
        convolutions.macs,
        convolutions.ptflops - biased,
        f"convolutions alone, less the {biased:,} that it adds for biases",
    )


def _given(size: tuple[int, int], scale: int, pre_upsampled: bool) -> tuple[int, int]:
    factor = scale if pre_upsampled else 1
    return size[0] * factor, size[1] * factor


def _by_running(network: nn.Module, shape: tuple[int, ...]) -> tuple[int, int, int]:
    """(fvcore's activations, torch's FLOPs, output elements of convolutions with a bias) of a real pass."""
    import torch
    from fvcore.nn import ActivationCountAnalysis
    from torch import nn
    from torch.utils.flop_counter import FlopCounterMode

    elements: list[int] = []
    hooks = [
        module.register_forward_hook(lambda _module, _given, out: elements.append(out.numel()))
        for module in network.modules()
        if isinstance(module, (nn.Conv2d, nn.ConvTranspose2d)) and module.bias is not None
    ]
    x = torch.zeros(shape)
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        network(x)
    for hook in hooks:
        hook.remove()
    with torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        analysis = ActivationCountAnalysis(network, x)
        analysis.unsupported_ops_warnings(False).uncalled_modules_warnings(False).tracer_warnings("none")
        return int(analysis.total()), int(counter.get_total_flops()), sum(elements)
