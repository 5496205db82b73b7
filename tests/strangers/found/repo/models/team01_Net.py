from __future__ import annotations

from dataclasses import dataclass

import torch.nn as nn
import utils.convs as C
from models.team00_blocks import Block


@dataclass
class Options:
    nf: int = 8


class Net(nn.Module):
    def __init__(self, scale=4):
        super().__init__()
        opt = Options()
        self.head = C.conv3(3, opt.nf)
        self.body = Block(opt.nf)
        self.up = nn.Sequential(C.conv3(opt.nf, 3 * scale ** 2), nn.PixelShuffle(scale))

    def forward(self, x):
        return self.up(self.body(self.head(x)))
