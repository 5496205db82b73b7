"""EFDN: Edge-enhanced Feature Distillation Network for Efficient Super-Resolution (CVPR workshops 2022)."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from srbench.models.blocks import ESA, PixelShuffleUpsampler, conv
from srbench.models.keys import renamer
from srbench.models.reparam import Branches, Identity, edge_branches, fuse
from srbench.models.rfdn2020 import ESA_RULES


class EFDB(nn.Module):
    """Edge-enhanced distillation block: 1x1 and two 3x3 in a chain, a 1x1 of the input and of each, 1x1, ESA, plus x.

    ``train_form`` makes the 3x3s sums of seven branches: ECBSR's five, a 1x1 and the input itself.
    """

    def __init__(self, channels: int, reduced: int, *, train_form: bool) -> None:
        super().__init__()

        def wide() -> nn.Module:
            if not train_form:
                return conv(channels, channels, 3)
            more = {"single": conv(channels, channels, 1), "input": Identity(channels)}
            return Branches(**edge_branches(channels, channels), **more)

        self.refine = nn.ModuleList([conv(channels, channels, 1), wide(), wide()])
        self.activations = nn.ModuleList(nn.PReLU(channels) for _ in range(3))
        self.distill = nn.ModuleList(conv(channels, channels // 2, 1) for _ in range(4))
        self.fusion = conv(2 * channels, channels, 1)
        self.attention = ESA(channels, reduced)

    def forward(self, x: Tensor) -> Tensor:
        """Refine x (N, c, h, w)."""
        chain = [x]
        for refine, activation in zip(self.refine, self.activations, strict=True):
            chain.append(activation(refine(chain[-1])))
        parts = [distill(y) for distill, y in zip(self.distill, chain, strict=True)]
        return self.attention(self.fusion(torch.cat(parts, dim=1))) + x  # type: ignore[no-any-return]


class EFDN(nn.Module):
    """Four blocks whose outputs are fused two by two, plus the head, 3x3 and pixel shuffle, clamped to 0..1.

    The last fusion takes the outputs of blocks 2 and 4. 48 channels, 12 in the attention. ``train_form`` gives the
    branches of training; :meth:`deploy` fuses them. (N, 3, h, w) -> (N, 3, s*h, s*w).
    """

    def __init__(self, scale: int, channels: int = 48, reduced: int = 12, *, train_form: bool = False) -> None:
        super().__init__()
        self.head = conv(3, channels, 3)
        self.blocks = nn.ModuleList(EFDB(channels, reduced, train_form=train_form) for _ in range(4))
        self.fusions = nn.ModuleList(conv(2 * channels, channels, 1) for _ in range(3))
        self.upsampler = PixelShuffleUpsampler(channels, scale)

    def forward(self, x: Tensor) -> Tensor:
        """Super-resolve x (N, 3, h, w)."""
        head = self.head(x)
        first = self.blocks[0](head)
        second = self.blocks[1](first)
        third = self.blocks[2](self.fusions[0](torch.cat([first, second], dim=1)))
        fourth = self.blocks[3](self.fusions[1](torch.cat([second, third], dim=1)))
        y = self.fusions[2](torch.cat([second, fourth], dim=1)) + head
        return self.upsampler(y).clamp(0, 1)  # type: ignore[no-any-return]

    def deploy(self) -> nn.Module:
        """Fuse the branches of training, in place."""
        return fuse(self)


_attention = renamer(*ESA_RULES)
_others = renamer(
    (r"^cells\.", "blocks."),
    (r"^local_fuse\.", "fusions."),
    (r"^tail\.", "upsampler."),
    (r"\.att\.", ".attention."),
    (r"\.branch\.", ".distill."),
    (r"\.fuse\.", ".fusion."),
    (r"\.conv([123])\.(conv1x1|rep_conv)\.", lambda match: f".refine.{int(match[1]) - 1}."),
    (r"\.conv([123])\.act\.", lambda match: f".activations.{int(match[1]) - 1}."),
)


def released_keys(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """Our names; conv1 to conv4 mean other things inside the attention than outside."""
    inside = _attention({key: tensor for key, tensor in state.items() if ".att." in key})
    return _others({**{key: tensor for key, tensor in state.items() if ".att." not in key}, **inside})
