import torch.nn as nn
import torch.nn.functional as F


class Window(nn.Module):
    def __init__(self, window_size=16):
        super().__init__()
        self.window = window_size
        self.conv = nn.Conv2d(3, 8, 3, 1, 1)
        self.tail = nn.Conv2d(8, 48, 3, 1, 1)

    def forward(self, x):
        b, c, h, w = x.shape
        y = self.conv(x).view(b, 8, h // self.window, self.window, w // self.window, self.window)
        y = (y - y.mean((3, 5), keepdim=True)).view(b, 8, h, w)
        return F.interpolate(x, scale_factor=4, mode="bicubic", align_corners=False) + F.pixel_shuffle(self.tail(y), 4)
