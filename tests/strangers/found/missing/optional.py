import torch.nn as nn
try:
    import fast_kernels_that_nobody_has
except ImportError:
    fast_kernels_that_nobody_has = None


class Net(nn.Sequential):
    def __init__(self, scale=4):
        body = nn.Conv2d(3, 3 * scale ** 2, 3, 1, 1)
        if fast_kernels_that_nobody_has is not None:
            body = fast_kernels_that_nobody_has.wrap(body)
        super().__init__(body, nn.PixelShuffle(scale))
