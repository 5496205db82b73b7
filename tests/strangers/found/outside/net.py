import os
import sys

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), 'elsewhere'))
import torch.nn as nn
from my_ops import factor


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Conv2d(3, 3 * factor ** 2, 3, 1, 1), nn.PixelShuffle(factor))

    def forward(self, x):
        return self.body(x)
