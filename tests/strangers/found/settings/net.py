from torch import nn


def make_model(args, parent=False):
    return Net(args)


class Net(nn.Module):
    def __init__(self, args, conv=nn.Conv2d):
        super(Net, self).__init__()
        n_feats = args.n_feats
        scale = args.scale[0]
        self.sub = args.rgb_range
        self.head = conv(args.n_colors, n_feats, 3, padding=1)
        act = nn.PReLU() if hasattr(args, 'act') and args.act == 'prelu' else nn.ReLU(True)
        self.tail = nn.Sequential(act, conv(n_feats, args.n_colors * scale ** 2, 3, padding=1), nn.PixelShuffle(scale))

    def forward(self, x):
        return self.tail(self.head(x / self.sub)) * self.sub


class ByKey(Net):
    def __init__(self, opt):
        from types import SimpleNamespace
        super().__init__(SimpleNamespace(n_feats=opt['width'], scale=[opt.get('scale', 4)], rgb_range=1, n_colors=3))
