import torch
import torch.nn as nn


class Net(nn.Module):
    def __init__(self, scale=4):
        super().__init__()
        self.mean = torch.Tensor([0.4488, 0.4371, 0.4040]).view(1, 3, 1, 1).cuda()
        self.device = 'cuda'
        self.conv = nn.Conv2d(3, 3 * scale ** 2, 3, 1, 1, device='cuda')
        self.up = nn.PixelShuffle(scale)
        self.to('cuda:0')

    def forward(self, x):
        mean = self.mean.to(self.device)
        return self.up(self.conv(x.to(self.device) - mean)) + mean + torch.zeros(1, 3, 1, 1).cuda()
