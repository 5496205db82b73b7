"""One pass of a stranger's network: padding and tiling as declared, and an error per kind of wrong output."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from srbench.errors import SrbenchError


def synchronise(device: str) -> None:
    """Wait until the device has done all it was asked for."""
    if device.startswith("cuda"):
        torch.cuda.synchronize()


def padded_pass(network: nn.Module, image: Tensor, multiple: int, tile: tuple[int, int] | None, scale: int) -> Any:
    """``network`` on (1, 3, h, w), mirrored to multiples of ``multiple`` and cropped; or in tiles (edge, overlap)."""
    height, width = image.shape[-2:]
    bottom, right = -height % multiple, -width % multiple
    if bottom or right:
        mode = "reflect" if bottom < height and right < width else "replicate"
        image = F.pad(image, (0, right, 0, bottom), mode=mode)
    found = network(image) if tile is None else _tiled(network, image, tile, scale)
    if (
        (bottom or right)
        and isinstance(found, Tensor)
        and found.shape[-2:] == tuple(scale * s for s in image.shape[-2:])
    ):
        return found[..., : scale * height, : scale * width]
    return found


def _tiled(network: nn.Module, image: Tensor, tile: tuple[int, int], scale: int) -> Tensor:
    """Overlapping tiles, averaged where they overlap, as the organisers' demo program does it.

    Raises:
        SrbenchError: what the network gives for a tile is not as :func:`expected`; summing it up would hide that.
    """
    height, width = image.shape[-2:]
    edge = min(tile[0], height, width)
    step = max(1, edge - tile[1])
    total = image.new_zeros(1, image.shape[1], height * scale, width * scale)
    weight = torch.zeros_like(total)
    for top in [*range(0, height - edge, step), height - edge]:
        for left in [*range(0, width - edge, step), width - edge]:
            given = image[..., top : top + edge, left : left + edge]
            part = expected(network(given), given.shape, scale)
            rows, columns = (slice(at * scale, (at + edge) * scale) for at in (top, left))
            total[..., rows, columns] += part
            weight[..., rows, columns] += 1
    return total / weight


def checked(found: Any, given: Sequence[int], scale: int) -> np.ndarray[Any, Any]:
    """The output as contiguous float32 (3, height, width).

    Raises:
        SrbenchError: as :func:`expected`.
    """
    plain = expected(found, given, scale).detach().to(device="cpu", dtype=torch.float32).numpy()[0]
    return np.ascontiguousarray(plain)


def expected(found: Any, given: Sequence[int], scale: int) -> Tensor:
    """The output of a pass, or of one tile, as it is: a float32 tensor (1, 3, height, width).

    Raises:
        SrbenchError: no tensor, another type than float32, or another shape than ``scale`` times the input's.
    """
    if not isinstance(found, Tensor):
        inside = f" of {len(found)}" if isinstance(found, (list, tuple)) else ""
        raise SrbenchError(f"its pass returned a {type(found).__name__}{inside}; expected one tensor.")
    if found.dtype != torch.float32:
        raise SrbenchError(f"its pass returned {str(found.dtype).removeprefix('torch.')}; expected float32.")
    height, width = given[-2] * scale, given[-1] * scale
    got = tuple(found.shape)
    if got != (1, 3, height, width):
        raise SrbenchError(
            f"its pass returned {_shape(got)} for an input of {given[-2]}x{given[-1]}; expected 1x3x{height}x{width}"
            f"{_meant(got, (height, width))}."
        )
    return found


def _shape(sizes: tuple[int, ...]) -> str:
    return "x".join(map(str, sizes)) or "a scalar"


def _meant(got: tuple[int, ...], size: tuple[int, int]) -> str:
    if got == (1, *size, 3):
        return ": its channels are last (NHWC)"
    if len(got) == 4 and got[2:] == size:
        return f": it has {got[1]} channels"
    if len(got) == 4 and got[1] == 3:
        return ": it is too small" if got[2] < size[0] or got[3] < size[1] else ": it is too large"
    return ""


@contextlib.contextmanager
def _counting(network: nn.Module) -> Iterator[list[int]]:
    """Inside it, the one number that it gives grows by the MACs of every convolution and linear layer called."""
    total = [0]

    def hook(module: nn.Module, _inputs: Any, output: Any) -> None:
        if not isinstance(output, Tensor):
            return
        if isinstance(module, nn.Conv2d):
            kernel = module.kernel_size[0] * module.kernel_size[1] * module.in_channels // module.groups
            total[0] += output.numel() * kernel
        elif isinstance(module, nn.Linear):
            total[0] += output.numel() * module.in_features

    hooks = [module.register_forward_hook(hook) for module in network.modules()]
    try:
        yield total
    finally:
        for one in hooks:
            one.remove()


def layer_macs(network: nn.Module, image: Tensor, multiple: int) -> tuple[int, int]:
    """(MACs of convolutions and linear layers called in a real pass, the same on shapes alone); by hooks on both."""
    with _counting(network) as total:
        padded_pass(network, image, multiple, None, 1)
        real, total[0] = total[0], 0
        traced = _on_shapes(network, image, multiple)
        return real, total[0] if traced else real


def layer_macs_at(network: nn.Module, image: Tensor, multiple: int, sizes: Sequence[Sequence[int]]) -> list[int | None]:
    """The same at other (height, width), on shapes or, where that cannot be, on ``image`` repeated.

    None at a size that the network does not take.
    """
    found: list[int | None] = []
    for height, width in sizes:
        tiles = (1, 1, -(-height // image.shape[-2]), -(-width // image.shape[-1]))
        other = image.repeat(tiles)[..., :height, :width].contiguous()
        with _counting(network) as total:
            taken = _on_shapes(network, other, multiple)
            if not taken:
                total[0] = 0
                with contextlib.suppress(Exception):  # a size that it does not take says nothing
                    padded_pass(network, other, multiple, None, 1)
                    taken = True
            found.append(total[0] if taken else None)
    return found


def _on_shapes(network: nn.Module, image: Tensor, multiple: int) -> bool:
    """A pass without values; False where the network needs some."""
    from torch._subclasses.fake_tensor import FakeTensorMode

    try:
        with FakeTensorMode(allow_non_fake_inputs=True) as mode:
            padded_pass(network, mode.from_tensor(image), multiple, None, 1)
    except Exception:  # what needs values is counted on a real pass anyway
        return False
    return True
