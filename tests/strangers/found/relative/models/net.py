from .common import Tail
from ..utils.init import zero_bias
import torch.nn as nn


class Net(nn.Module):
    def __init__(self, scale):
        super().__init__()
        self.head = nn.Conv2d(3, 6, 3, 1, 1)
        self.tail = Tail(6, scale)
        zero_bias(self)

    def forward(self, x):
        from . import late
        return self.tail(self.head(x)) + late.NOTHING
