"""Write ``model_zoo/`` beside this file: small random corrections, the same on every machine with the same torch."""

import sys
from pathlib import Path

import torch

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
sys.argv = sys.argv[:1]


def state_of(network, seed, size=0.003):
    """Values small enough that the correction changes the enlarged image by less than its noise."""
    torch.manual_seed(seed)
    return {name: size * torch.randn(value.shape) for name, value in network.state_dict().items()}


def coarse():
    """Every pixel repeated."""
    weight = torch.zeros(48, 3, 1, 1)
    for channel in range(3):
        weight[16 * channel : 16 * channel + 16, channel] = 1.0
    return {"conv.weight": weight, "conv.bias": torch.zeros(48)}


def main(folder):
    from unittest import mock

    from models.team01_Wide import Wide
    from models.team04_Small import Small
    from models.team05_Merge import Merge
    from models.team10_Window import Window
    from models.team12_Options import Options

    keep = mock.patch.object(torch.Tensor, "cuda", lambda self: self), mock.patch.object(torch.nn.Module, "cuda", lambda self: self)
    with keep[0], keep[1]:
        from models.team00_Plain import Plain

        plain = state_of(Plain(), 0)
    folder.mkdir(exist_ok=True)
    save = {
        "team00_plain.pth": plain,
        "team01_wide.pth": {k: state_of(Wide(3, 12, 2, 4), s) for k, s in (("params", 1), ("params_ema", 2))},
        "team02_wide.pth": {k: state_of(Wide(3, 20, 1, 4), s) for k, s in (("params", 3), ("params_ema", 4))},
        "team03_small.pt": {"epoch": 7, "model_state_dict": state_of(Small(9), 5), "optimizer_state_dict": {"state": {}}},
        "team04_small.pth": {f"module.{k}": v for k, v in state_of(Small(), 6).items()},
        "team05_merge.pth": state_of(Merge(), 7),
        "team06_tokens.pth": {"net": tokens()},
        "team07_scan.pth": {"conv.weight": torch.zeros(48, 3, 3, 3), "conv.bias": torch.zeros(48)},
        "team08_incomplete.pth": {k: v for k, v in state_of(Small(11), 8).items() if k.startswith("conv")},
        "team09_builds.pth": state_of(Small(10), 9),
        "team10_window.pth": state_of(Window(), 10),
        "team11_plain.pth": {k: v + 0.0 for k, v in plain.items()},
        "team12_options.pth": state_of(Options(), 12),
        "team15_coarse.pth": coarse(),
    }
    for name, state in save.items():
        torch.save(state, folder / name, _use_new_zipfile_serialization=name != "team12_options.pth")


def tokens():
    torch.manual_seed(11)
    shapes = {
        "head.weight": (8, 3, 3, 3), "head.bias": (8,), "mix.weight": (8, 8), "mix.bias": (8,),
        "tail.weight": (48, 8, 3, 3), "tail.bias": (48,),
    }
    return {name: 0.003 * torch.randn(shape) for name, shape in shapes.items()}


if __name__ == "__main__":
    main(HERE / "model_zoo")
