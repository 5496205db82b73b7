"""MemNet: A Persistent Memory Network for Image Restoration (ICCV 2017)."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from srbench.models.blocks import conv


class MemoryBlock(nn.Module):
    """Recursive unit (one residual block, applied ``recursions`` times) and gate unit (1x1 over all memories).

    ``memories`` is the number of long-term memories that reach the gate: the head's output and
    those of the preceding blocks. Source: section 3.2, Eq. 4-8.
    """

    def __init__(self, channels: int, recursions: int, memories: int) -> None:
        super().__init__()
        self.recursions = recursions
        self.first = conv(channels, channels, 3)
        self.second = conv(channels, channels, 3)
        self.gate = conv((recursions + memories) * channels, channels, 1)

    def forward(self, long_term: list[Tensor]) -> Tensor:
        """Memories of (N, c, H, W), the last being the block's input -> (N, c, H, W)."""
        short_term, hidden = [], long_term[-1]
        for _ in range(self.recursions):
            hidden = hidden + self.second(F.relu(self.first(F.relu(hidden))))
            short_term.append(hidden)
        return self.gate(F.relu(torch.cat([*short_term, *long_term], dim=1)))  # type: ignore[no-any-return]


class MemNet(nn.Module):
    """Six memory blocks, densely connected, of six recursions each (M6R6), plus a global residual.

    The counted network is the basic one of Figure 2: one reconstruction of the last memory.
    (N, 1, H, W) -> (N, 1, H, W). Source: section 3.1, Eq. 1-3; 64 features.
    """

    def __init__(self, scale: int, blocks: int = 6, recursions: int = 6, channels: int = 64) -> None:
        super().__init__()
        self.head = conv(1, channels, 3)
        self.blocks = nn.ModuleList(MemoryBlock(channels, recursions, memories + 1) for memories in range(blocks))
        self.tail = conv(channels, 1, 3)

    def forward(self, x: Tensor) -> Tensor:
        """Sharpen the upsampled luma x (N, 1, H, W); every pass of a shared convolution is a call."""
        memories = [self.head(F.relu(x))]
        for block in self.blocks:
            memories.append(block(memories))
        return x + self.tail(F.relu(memories[-1]))  # type: ignore[no-any-return]
