"""SRCNN: Learning a Deep Convolutional Network for Image Super-Resolution (ECCV 2014; TPAMI 2016)."""

from __future__ import annotations

from torch import Tensor, nn

from srbench.models.blocks import conv


class SRCNN(nn.Module):
    """Patch extraction, non-linear mapping, reconstruction: three convolutions on the bicubic-upsampled luma.

    ``kernels`` is 9-1-5 in the ECCV paper and 9-5-5 for the best figures of the TPAMI paper;
    64 and 32 features. (N, 1, H, W) -> (N, 1, H, W) at every scale. The paper's code lets the
    borders shrink; here they are zero-padded, so that the size is kept.
    Source: ECCV 2014, section 3.1; TPAMI 2016, section 4.3.3.
    """

    def __init__(self, scale: int, kernels: tuple[int, int, int] = (9, 5, 5)) -> None:
        super().__init__()
        extract, mapping, reconstruct = kernels
        self.layers = nn.Sequential(
            conv(1, 64, extract),
            nn.ReLU(inplace=True),
            conv(64, 32, mapping),
            nn.ReLU(inplace=True),
            conv(32, 1, reconstruct),
        )

    def forward(self, x: Tensor) -> Tensor:
        """Sharpen the upsampled luma x (N, 1, H, W)."""
        return self.layers(x)  # type: ignore[no-any-return]
