"""Networks that run, but not as they are: hidden blocks, windows, several outputs or inputs, two forms."""

import torch
from torch import nn


class Plain(nn.Module):
    def __init__(self, width=8, upscale=4):
        super().__init__()
        self.head = nn.Conv2d(3, width, 3, 1, 1)
        self.tail = nn.Sequential(nn.Conv2d(width, 3 * upscale**2, 3, 1, 1), nn.PixelShuffle(upscale))

    def forward(self, x):
        return self.tail(self.head(x))


class Hidden(Plain):
    def __init__(self, width=8, upscale=4):
        super().__init__(width, upscale)
        self.blocks = [nn.Conv2d(width, width, 3, 1, 1) for _ in range(2)]

    def forward(self, x):
        x = self.head(x)
        for block in self.blocks:
            x = block(x)
        return self.tail(x)


class Windows(Plain):
    def forward(self, x):
        x = self.head(x)
        n, c, h, w = x.shape
        assert h % 8 == 0, "input feature has wrong size"
        x = x.view(n, c, h // 8, 8, w // 8, 8)
        return self.tail((x - x.mean((3, 5), keepdim=True)).view(n, c, h, w))


class Boom(Plain):
    def forward(self, x):
        if 32 <= x.shape[-1] < self.below:
            raise RuntimeError("third image boom")
        return super().forward(x)

    below = 33


class WideBoom(Boom):
    below = 40


class Several(Plain):
    def forward(self, x):
        return super().forward(x), x


class Conditioned(Plain):
    def forward(self, x, noise_level):
        return super().forward(x) + noise_level


class AnyKeyword(nn.Module):
    def __init__(self, width=8, **kwargs):
        super().__init__()
        upscale = kwargs.get("scale", 2)
        self.body = nn.Sequential(nn.Conv2d(3, 3 * upscale**2, 3, 1, 1), nn.PixelShuffle(upscale))

    def forward(self, x):
        return self.body(x)


class Branches(nn.Module):
    def __init__(self, upscale=4):
        super().__init__()
        self.wide, self.narrow = nn.Conv2d(3, 3 * upscale**2, 3, 1, 1), nn.Conv2d(3, 3 * upscale**2, 1)
        self.up = nn.PixelShuffle(upscale)
        self.merged = False

    def switch_to_deploy(self):
        with torch.no_grad():
            self.wide.weight += nn.functional.pad(self.narrow.weight, (1, 1, 1, 1))
            self.wide.bias += self.narrow.bias
        del self.narrow
        self.merged = True

    def forward(self, x):
        return self.up(self.wide(x) if self.merged else self.wide(x) + self.narrow(x))


class Four(nn.Module):
    def __init__(self, in_channels, out_channels, width, upscale=4):
        super().__init__()
        self.body = nn.Sequential(nn.Conv2d(in_channels, out_channels * upscale**2, 3, 1, 1), nn.PixelShuffle(upscale))

    def forward(self, x):
        return self.body(x)
