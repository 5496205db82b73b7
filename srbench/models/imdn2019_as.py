"""IMDN_AS and the adaptive cropping strategy: any scale, any height and width (IMDN 2019, section 3.3)."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn

from srbench.errors import SrbenchError
from srbench.models.blocks import DistillationFrame, conv, leaky_relu
from srbench.models.imdn2019 import BLOCK_RULES, IMDB
from srbench.models.keys import numbered, renamer

MULTIPLE = 4


def increment(size: int, padding: int) -> int:
    """Eq. 7: how much longer than floor(size / 2) a patch is, so that its length is a multiple of 4 (Eq. 6).

    ``padding`` is 4k, k >= 1 (Eq. 8); the result is in [padding - 3, padding].

    >>> increment(17, 4)  # floor(17 / 2) = 8; 4 - (8 + 4) % 4 = 4; 8 + 4 = 12
    4
    >>> increment(23, 4)  # floor(23 / 2) = 11; 4 - (11 + 4) % 4 = 1; 11 + 1 = 12
    1
    """
    if padding < MULTIPLE or padding % MULTIPLE:
        raise SrbenchError(f"adaptive cropping takes a padding of 4k with k >= 1 (Eq. 8), not {padding}.")
    return padding - (size // 2 + padding) % MULTIPLE


def largest_padding(size: int, padding: int) -> int:
    """The largest 4k <= ``padding`` whose patch is no longer than the image.

    >>> largest_padding(100, 32), largest_padding(17, 32), largest_padding(5, 32)
    (32, 8, 4)
    """
    while padding > MULTIPLE and size // 2 + increment(size, padding) > size:
        padding -= MULTIPLE
    return padding


def adaptive_crop(network: Callable[[Tensor], Tensor], x: Tensor, padding: int = 32) -> Tensor:
    """Run a same-size network that needs multiples of 4 on (N, c, H, W) of any H, W >= 4, by four overlapping patches.

    The four patches reach from each corner over half of the image and the increment of Eq. 7. They have
    one size, so they run as one batch of 4N; of each output the extra increments are discarded, the rest
    is pasted where it came from.

    Worked example, H = 17, W = 23, padding 4: the increments are 4 and 1, all patches 12 x 12. Rows 0-11
    (top) and 5-16 (bottom), columns 0-11 (left) and 11-22 (right). Of the outputs, the top patches give
    rows 0-7 (floor(17 / 2) = 8 rows), the bottom ones their last 9 rows, 8-16; the left patches give columns
    0-10, the right ones their last 12 columns, 11-22.

    Where the image is too small for ``padding``, the largest 4k that fits is used.

    Raises:
        SrbenchError: H or W below 4, where no patch of a multiple of 4 fits into the image.
    """
    height, width = x.shape[-2:]
    if min(height, width) < MULTIPLE:
        raise SrbenchError(f"adaptive cropping needs height and width of at least 4, got {height} x {width}.")
    top, left = height // 2, width // 2
    patch_h = top + increment(height, largest_padding(height, padding))
    patch_w = left + increment(width, largest_padding(width, padding))
    rows = (slice(0, patch_h), slice(height - patch_h, height))
    columns = (slice(0, patch_w), slice(width - patch_w, width))
    patches = torch.cat([x[..., r, c] for r in rows for c in columns])
    upper_left, upper_right, lower_left, lower_right = network(patches).chunk(4)
    bottom, right = patch_h - (height - top), patch_w - (width - left)
    upper = torch.cat([upper_left[..., :top, :left], upper_right[..., :top, right:]], dim=-1)
    lower = torch.cat([lower_left[..., bottom:, :left], lower_right[..., bottom:, right:]], dim=-1)
    return torch.cat([upper, lower], dim=-2)


class IMDNAS(nn.Module):
    """IMDN for any scale: two stride-2 3x3 convolutions in front, pixel shuffle x4 behind; LR and HR of equal size.

    Height and width that are multiples of 4 run directly, others by :func:`adaptive_crop`. Because CCA
    looks at a whole patch, the two agree exactly only without it. (N, 3, H, W) -> (N, 3, H, W).
    """

    def __init__(self, scale: int = 1, channels: int = 64, num_blocks: int = 6, padding: int = 32) -> None:
        super().__init__()
        self.scale, self.padding = scale, padding
        head = nn.Sequential(conv(3, channels, 3, stride=2), leaky_relu(), conv(channels, channels, 3, stride=2))
        self.direct = DistillationFrame((IMDB(channels) for _ in range(num_blocks)), channels, MULTIPLE, head=head)

    def forward(self, x: Tensor) -> Tensor:
        """Restore x (N, 3, H, W), already of the wanted size."""
        if x.shape[-2] % MULTIPLE == 0 and x.shape[-1] % MULTIPLE == 0:
            return self.direct(x)  # type: ignore[no-any-return]
        return adaptive_crop(self.direct, x, self.padding)


released_keys = renamer(
    (r"^fea_conv\.", "head."),
    (r"^IMDB(\d+)\.", numbered("blocks.{}.")),
    (r"^c\.0\.", "fusion.0."),
    (r"^LR_conv\.", "smooth."),
    *BLOCK_RULES,
    (r"^", "direct."),
)
