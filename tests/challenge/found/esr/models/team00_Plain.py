import torch
import torch.nn as nn
import torch.nn.functional as F


class Plain(nn.Module):
    """Bicubic and a correction."""

    def __init__(self, width=16, depth=3, scale=4):
        super().__init__()
        self.scale = scale
        self.head = nn.Conv2d(3, width, 3, 1, 1)
        self.body = nn.Sequential(*[nn.Conv2d(width, width, 3, 1, 1) for _ in range(depth)])
        self.tail = nn.Sequential(nn.Conv2d(width, 3 * scale**2, 3, 1, 1), nn.PixelShuffle(scale))
        self.cuda()(torch.randn(1, 3, 256, 256).cuda())

    def forward(self, x):
        up = F.interpolate(x, scale_factor=self.scale, mode="bicubic", align_corners=False)
        return up + self.tail(F.relu(self.body(F.relu(self.head(x)))))
