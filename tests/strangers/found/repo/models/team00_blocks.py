import torch.nn as nn


class Block(nn.Module):
    def __init__(self, nf):
        super().__init__()
        self.c = nn.Conv2d(nf, nf, 3, 1, 1)

    def forward(self, x):
        return x + self.c(x)
