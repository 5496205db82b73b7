import torch.nn as nn

from pkg.blocks import up

from ....blocks import up as the_same


class Net(nn.Module):
    def __init__(self, upscale=4):
        super().__init__()
        assert up is the_same
        self.body = up(upscale)

    def forward(self, x):
        return self.body(x)
