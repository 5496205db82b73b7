import torch
import torch.nn as nn


class Net(nn.Module):
    def __init__(self, scale=4):
        super().__init__()
        self.conv = nn.Conv2d(3, 3 * scale ** 2, 3, 1, 1)
        self.up = nn.PixelShuffle(scale)
        self.side = torch.cuda.Stream()
        self.done = torch.cuda.Event(enable_timing=True)
        self.gain = torch.cuda.FloatTensor([1.0])

    def forward(self, x):
        with torch.cuda.stream(self.side):
            y = self.conv(x)
            self.done.record()
        torch.cuda.current_stream().wait_stream(self.side)
        return self.up(y.type(torch.cuda.FloatTensor)) * self.gain
