"""SAN: Second-order Attention Network for Single Image Super-Resolution (CVPR 2019)."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from srbench.models.blocks import conv
from srbench.models.edsr2017 import MeanShifted, ResidualBlock


def covariance(x: Tensor) -> Tensor:
    """Covariance of the channels over all positions: (N, c, h, w) -> (N, c, c). Source: Eq. 6-7."""
    flat = x.flatten(2)
    flat = flat - flat.mean(dim=2, keepdim=True)
    return torch.bmm(flat, flat.transpose(1, 2)) / flat.shape[2]


def matrix_square_root(matrix: Tensor, iterations: int = 5) -> Tensor:
    """Square root of positive semi-definite (N, c, c) by coupled Newton-Schulz iterations.

    The matrix is divided by its trace before and the root multiplied by the square root of the
    trace after, so that the iteration converges. Source: section 3.3, Eq. 8-11.

    >>> root = matrix_square_root(torch.diag(torch.tensor([4.0, 1.0])).unsqueeze(0), 12)
    >>> [round(v, 3) for v in root.diagonal(dim1=1, dim2=2).flatten().tolist()]
    [2.0, 1.0]
    """
    identity = torch.eye(matrix.shape[1], dtype=matrix.dtype, device=matrix.device).expand_as(matrix)
    trace = matrix.diagonal(dim1=1, dim2=2).sum(dim=1).clamp_min(1e-12).reshape(-1, 1, 1)
    y, z = matrix / trace, identity
    for _ in range(iterations):
        step = 0.5 * (3 * identity - torch.bmm(z, y))
        y, z = torch.bmm(y, step), torch.bmm(step, z)
    return y * trace.sqrt()


class SOCA(nn.Module):
    """Second-order channel attention: rows' means of the covariance's square root gate the channels.

    Source: section 3.3, Eq. 12-14, Figure 4.
    """

    def __init__(self, channels: int, reduction: int) -> None:
        super().__init__()
        self.gate = nn.Sequential(
            conv(channels, channels // reduction, 1),
            nn.ReLU(inplace=True),
            conv(channels // reduction, channels, 1),
            nn.Sigmoid(),
        )

    def forward(self, x: Tensor) -> Tensor:
        """Rescale each channel of x (N, c, h, w)."""
        statistic = matrix_square_root(covariance(x)).mean(dim=1).unsqueeze(-1).unsqueeze(-1)
        return x * self.gate(statistic)  # type: ignore[no-any-return]


class RegionNonLocal(nn.Module):
    """Embedded-Gaussian non-local operation within each quarter of the feature map, plus the input.

    Needs h, w >= 2. Source: section 3.2, "Region-level non-local module".
    """

    def __init__(self, channels: int, inner: int) -> None:
        super().__init__()
        self.query, self.key, self.value = (conv(channels, inner, 1) for _ in range(3))
        self.out = conv(inner, channels, 1)

    def _attend(self, x: Tensor) -> Tensor:
        query, key, value = (layer(x).flatten(2) for layer in (self.query, self.key, self.value))
        weights = torch.softmax(torch.bmm(query.transpose(1, 2), key), dim=2)
        gathered = torch.bmm(value, weights.transpose(1, 2)).reshape(x.shape[0], -1, *x.shape[2:])
        return x + self.out(gathered)  # type: ignore[no-any-return]

    def forward(self, x: Tensor) -> Tensor:
        """Refine x (N, c, h, w) quarter by quarter."""
        h, w = x.shape[2] // 2, x.shape[3] // 2
        rows = [
            torch.cat([self._attend(part[..., :w]), self._attend(part[..., w:])], dim=3)
            for part in (x[:, :, :h], x[:, :, h:])
        ]
        return torch.cat(rows, dim=2)


class LSRAG(nn.Module):
    """Local-source residual attention group: ten residual blocks, SOCA, 3x3, plus the input. Source: Eq. 4-5."""

    def __init__(self, channels: int, reduction: int, blocks: int) -> None:
        super().__init__()
        self.blocks = nn.Sequential(*(ResidualBlock(channels) for _ in range(blocks)))
        self.attention = SOCA(channels, reduction)
        self.smooth = conv(channels, channels, 3)

    def forward(self, x: Tensor) -> Tensor:
        """Refine x (N, c, h, w)."""
        return x + self.smooth(self.attention(self.blocks(x)))  # type: ignore[no-any-return]


class NonLocalResidualGroups(nn.Module):
    """NLRG: one region non-local module before and after twenty LSRAGs that share the source by ``gamma``.

    G_g = LSRAG(G_{g-1}) + gamma * F_0. Source: section 3.2, Eq. 2-3.
    """

    def __init__(self, channels: int, groups: int, blocks: int, reduction: int) -> None:
        super().__init__()
        self.non_local = RegionNonLocal(channels, channels // 8)
        self.groups = nn.ModuleList(LSRAG(channels, reduction, blocks) for _ in range(groups))
        self.gamma = nn.Parameter(torch.zeros(1))

    def forward(self, x: Tensor) -> Tensor:
        """Refine x (N, c, h, w)."""
        source = y = self.non_local(x)
        for group in self.groups:
            y = group(y) + self.gamma * source
        return self.non_local(y)  # type: ignore[no-any-return]


class SAN(MeanShifted):
    """Twenty local-source residual attention groups of ten blocks, 64 channels, reduction 16; h, w >= 2.

    (N, 3, h, w) -> (N, 3, scale*h, scale*w). Source: section 3.1, Figure 2; section 4.1.
    """

    def __init__(self, scale: int, channels: int = 64, groups: int = 20, blocks: int = 10, reduction: int = 16) -> None:
        super().__init__(NonLocalResidualGroups(channels, groups, blocks, reduction), channels, scale)
