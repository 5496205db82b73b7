import argparse

import torch.nn as nn

parser = argparse.ArgumentParser()
parser.add_argument('--nf', type=int, default=8)
args = parser.parse_args()


class Net(nn.Sequential):
    def __init__(self):
        super().__init__(nn.Conv2d(3, 48, 3, 1, 1), nn.PixelShuffle(4))
