import torch
import torch.nn as nn
from mamba_ssm.ops.selective_scan_interface import selective_scan_fn


class Net(nn.Module):
    def __init__(self, nf=8, d_state=4, upscale=4):
        super().__init__()
        self.head = nn.Conv2d(3, nf, 3, 1, 1)
        self.dt = nn.Linear(nf, nf)
        self.bc = nn.Linear(nf, 2 * d_state)
        self.A_log = nn.Parameter(torch.log(torch.arange(1, d_state + 1).float()).repeat(nf, 1))
        self.D = nn.Parameter(torch.ones(nf))
        self.tail = nn.Conv2d(nf, 3 * upscale ** 2, 3, 1, 1)
        self.up = nn.PixelShuffle(upscale)

    def forward(self, x):
        f = self.head(x)
        u = f.flatten(2).transpose(1, 2)
        b, c = self.bc(u).transpose(1, 2).chunk(2, 1)
        y = selective_scan_fn(f.flatten(2), self.dt(u).transpose(1, 2), -torch.exp(self.A_log), b, c, self.D,
                              delta_softplus=True)
        return self.up(self.tail(y.view_as(f) + f))
