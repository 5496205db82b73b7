import torch.nn as nn


def Tail(nf, scale):
    return nn.Sequential(nn.Conv2d(nf, 3 * scale ** 2, 3, 1, 1), nn.PixelShuffle(scale))
