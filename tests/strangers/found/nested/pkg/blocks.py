import torch.nn as nn


def up(scale):
    return nn.Sequential(nn.Conv2d(3, 3 * scale ** 2, 3, 1, 1), nn.PixelShuffle(scale))
