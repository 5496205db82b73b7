from torch import nn
from torch.nn import functional as F


class Small(nn.Module):
    def __init__(self, width=8):
        super().__init__()
        self.conv = nn.Conv2d(3, width, 3, 1, 1)
        self.up = nn.Conv2d(width, 48, 3, 1, 1)

    def forward(self, x):
        return F.interpolate(x, scale_factor=4, mode="bicubic", align_corners=False) + F.pixel_shuffle(self.up(self.conv(x)), 4)
