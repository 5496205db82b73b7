import torch.nn as nn
from timm.models.layers import DropPath, to_2tuple, trunc_normal_
from basicsr.utils.registry import ARCH_REGISTRY
from einops import rearrange
from torchvision import transforms
from thop_that_nobody_has import profile


@ARCH_REGISTRY.register()
class Net(nn.Module):
    def __init__(self, upscale=4):
        super().__init__()
        self.conv = nn.Conv2d(3, 3 * upscale ** 2, to_2tuple(3), padding=1)
        self.drop = DropPath(0.1)
        trunc_normal_(self.conv.weight, std=.02)
        self.up = upscale

    def forward(self, x):
        return rearrange(self.drop(self.conv(x)), 'b (c p q) h w -> b c (h p) (w q)', p=self.up, q=self.up)


class Needs(Net):
    def __init__(self):
        super().__init__()
        profile(self, inputs=())
