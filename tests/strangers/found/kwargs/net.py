import torch.nn as nn
import torch.nn.functional as F


class Open(nn.Module):
    """Takes anything, and chokes on what it does not know."""

    def __init__(self, nf=4, **kwargs):
        super().__init__()
        assert not kwargs, kwargs
        self.conv = nn.Conv2d(3, 3 * 16, 3, padding=1)

    def forward(self, x):
        return F.pixel_shuffle(self.conv(x), 4)


class FloatScale(nn.Module):
    """scale is the residual's here, upscale the image's."""

    def __init__(self, scale=0.1, upscale=4):
        super().__init__()
        assert isinstance(scale, float)
        self.up, self.conv = upscale, nn.Conv2d(3, 3 * upscale ** 2, 3, padding=1)

    def forward(self, x):
        return F.pixel_shuffle(self.conv(x), self.up)
