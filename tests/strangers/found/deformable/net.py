import torch.nn as nn
from torchvision.ops import DeformConv2d
from mmcv.ops import ModulatedDeformConv2dPack


class Net(nn.Module):
    def __init__(self, nf=4, upscale=4):
        super().__init__()
        self.offset = nn.Conv2d(3, 18, 3, 1, 1)
        self.first = DeformConv2d(3, nf, 3, padding=1)
        self.second = ModulatedDeformConv2dPack(nf, 3 * upscale ** 2, 3, padding=1, deform_groups=2)
        self.up = nn.PixelShuffle(upscale)

    def forward(self, x):
        return self.up(self.second(self.first(x, self.offset(x))))
