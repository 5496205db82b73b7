"""Loaders as organisers of several years write them: read without running, and run for one id."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from srbench.challenge.chain import Chain, find_chain
from srbench.isolation.loader import run_loader

MODELS = """
import torch
from torch import nn
class Net(nn.Conv2d):
    def __init__(self, width=3, **kw):
        super().__init__(3, width, 1)
"""
TAIL = """
    for _, v in model.named_parameters():
        v.requires_grad = False
    return model.to(device), name, data_range, None
"""
PROGRAM = """
if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--team", type=int, default=0)
    parser.add_argument("--zoo-dir", default="zoo")
    main(parser.parse_args())
"""
STYLES = {
    "cases of a match, one end for all": """
import torch
from pathlib import Path
ROOT = Path(__file__).resolve().parent
def select_model(team: int, device):
    data_range = 1.0
    match team:
        case 0:
            from models.team00_Net import Net as Base
            name, model, path = "a", Base(), ROOT / "zoo" / "a.pth"
            data_range = 255.0
        case 1 | 2:
            from models.team01_Net import Net
            name, model = f"b{team:02d}", Net(width=4 if team == 1 else 5)
            path = ROOT.joinpath("zoo", "b.pth" if team == 1 else "c.pth")
        case _:
            raise NotImplementedError
    model.load_state_dict(torch.load(path), strict=True)
""" + TAIL,
    "a table of functions": """
import argparse, os
import torch
from models.team00_Net import Net as Base
import models.team01_Net as second
ZOO = os.path.join(os.path.dirname(os.path.abspath(__file__)), "zoo")
def loaded(net, file, key=None):
    state = torch.load("%s/%s.pth" % (ZOO, file))
    net.load_state_dict(state[key] if key else state)
    return net
def first(device):
    return loaded(Base(), "a"), "a", 255.0
def third(device):
    options = {"width": 5}
    return loaded(second.Net(**options), "c"), "b02", 1.0
TEAMS = {0: first, 1: lambda device: (loaded(second.Net(4), file="b"), "b01", 1.0)}
TEAMS[2] = third
def get_model(args, device):
    model, name, data_range = TEAMS[args.team](device)
    model.eval()
    return model, name, data_range
def main(args):
    get_model(args, None)
""" + PROGRAM,
    "a table of settings": """
import argparse
import torch
from models.team00_Net import Net as Base
from models.team01_Net import Net
CONFIGS = {
    0: dict(net=Base, options={}, file="a.pth", peak=255.0, title="a"),
    1: dict(net=Net, options=dict(width=4), file="b.pth", peak=1.0, title="b01"),
    2: {"net": Net, "options": dict(width=5), "file": "c.pth", "peak": 1.0, "title": "b02"},
}
def build(args, device):
    config = CONFIGS[args.team]
    net = config["net"](**config["options"])
    net.load_state_dict(torch.load(f"{args.zoo_dir}/{config['file']}", map_location=device))
    return {"model": net, "name": config["title"], "data_range": config["peak"]}
def main(args):
    build(args, None)
""" + PROGRAM,
    "files called after teams": """
import argparse, importlib, os
import torch
WIDTHS, RANGES = {0: 3, 1: 4, 2: 5}, {0: 255.0, 1: 1.0, 2: 1.0}
def load_model(args, device):
    team = int(args.team)
    module = importlib.import_module(f"models.team{team:02d}_Net")
    model = getattr(module, "Net")(WIDTHS[team])
    model.load_state_dict(torch.load(os.path.join(args.zoo_dir, "{}.pth".format("abc"[team]))), strict=True)
    return model, ["a", "b01", "b02"][team], RANGES[team]
def main(args):
    load_model(args, None)
""" + PROGRAM,
}  # fmt: skip


@pytest.fixture(params=STYLES)
def written(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A repository whose loader is written in one of the styles."""
    import torch

    (tmp_path / "models").mkdir()
    (tmp_path / "zoo").mkdir()
    for number, letter in enumerate("abc"):
        (tmp_path / "models" / f"team{number:02d}_Net.py").write_text(MODELS)
        width = 3 + number
        torch.save(
            {"weight": torch.zeros(width, 3, 1, 1), "bias": torch.zeros(width)}, tmp_path / "zoo" / f"{letter}.pth"
        )
    (tmp_path / "demo.py").write_text(STYLES[request.param])
    return tmp_path


def test_any_style_is_read(written: Path) -> None:
    chain = find_chain(written, 4)
    assert [branch.reason for branch in chain.branches] == ["", "", ""]
    assert [branch.name for branch in chain.branches] == ["a", "b01", "b02"]
    assert [branch.data_range for branch in chain.branches] == [255.0, 1.0, 1.0]
    assert [Path(branch.weights).name for branch in chain.branches] == ["a.pth", "b.pth", "c.pth"]
    assert [_width(branch.positional, branch.keywords) for branch in chain.branches] == _widths(chain)
    assert {branch.class_name for branch in chain.branches} == {"Net"}


def _width(positional: tuple[object, ...], keywords: object) -> object:
    return positional[0] if positional else dict(keywords).get("width", 3)  # type: ignore[call-overload]


def _widths(chain: Chain) -> list[int]:
    return [3 + int(branch.number) for branch in chain.branches]


def test_any_style_is_run(written: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(written)
    monkeypatch.setattr(sys, "argv", ["demo"])
    chain = find_chain(written, 4)
    for branch in chain.branches:
        spec = {
            "loader": "demo.py", "function": chain.function, "id": branch.number, "id_name": chain.id_name, "scale": 4
        }  # fmt: skip
        found = run_loader(spec, "cpu")
        assert (found.name, found.data_range) == (branch.name, branch.data_range)
        assert found.network.out_channels == 3 + int(branch.number)


ACTIVATIONS = """
def f(kind):
    if kind == "a":
        return nn.ReLU()
    elif kind == "b":
        return nn.GELU()
"""
WIDE = """
def f(a):
    if a.model_id == 0:
        from m import N
        x, model = "{:>999999999}".format(1), N()
    elif a.model_id == 1:
        from m import N
        x = "%*d" % (10**9, 1)
        model = N(x)
"""


@pytest.mark.parametrize(("text", "wanted"), [(ACTIVATIONS, ""), (WIDE, "f")])
def test_what_is_no_loader_and_what_is_made_to_take_long(text: str, wanted: str, tmp_path: Path) -> None:
    from srbench.errors import SrbenchError

    (tmp_path / "demo.py").write_text(text)
    if wanted:
        assert find_chain(tmp_path, 4).function == wanted
    else:
        with pytest.raises(SrbenchError, match="no loader was found"):
            find_chain(tmp_path, 4)
