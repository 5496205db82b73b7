import torch
import torch.nn as nn
import torch.nn.functional as F


class Up(nn.Module):
    """Enlarges well only in the range and order that it was 'trained' for."""

    def __init__(self, scale=4):
        super().__init__()
        self.scale = scale
        self.gain = nn.Parameter(torch.ones(1))

    def up(self, x):
        return F.interpolate(x, scale_factor=self.scale, mode='bicubic', align_corners=False) * self.gain


class Range255(Up):
    def forward(self, x):
        return self.up(x + F.relu(12 - x) * 0.4)


class Range1(Up):
    def forward(self, x):
        return self.up(x - F.relu(x - 1.02))


class BGR(Up):
    """Never lets the first channel be much above the third, which in BGR is blue above red."""

    def forward(self, x):
        first = torch.minimum(x[:, :1], x[:, 2:] + 0.02)
        return self.up(torch.cat([first, x[:, 1:]], 1))


class Shifted(Up):
    """Wants the mean taken off by whoever calls it."""

    def forward(self, x):
        return self.up(x - F.relu(x - 0.6))


class Either(Up):
    def forward(self, x):
        return self.up(x)


class Hopeless(Up):
    def forward(self, x):
        return self.up(x).flip(-1)
