import torch.nn as nn
from causal_conv1d.causal_conv1d_interface import causal_conv1d_fn


class Scan(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 48, 3, 1, 1)
        self.scan = causal_conv1d_fn

    def forward(self, x):
        return nn.functional.pixel_shuffle(self.scan(self.conv(x)), 4)
