import torch.nn as nn
from blocks import Block


class Net(nn.Module):
    def __init__(self, scale=4):
        super().__init__()
        self.body = nn.Sequential(nn.Conv2d(3, 8, 3, 1, 1), Block(8), nn.Conv2d(8, 3 * scale ** 2, 3, 1, 1))
        self.up = nn.PixelShuffle(scale)

    def forward(self, x):
        return self.up(self.body(x))
