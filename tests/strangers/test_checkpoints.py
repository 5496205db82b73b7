"""Files of weights as they are met in the wild: found, named, refused in one sentence; never another exception."""

from __future__ import annotations

import pickle
import random
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from srbench.errors import SrbenchError
from srbench.models import ModelOptions, open_model
from srbench.models.checkpoints import read_state

FOUND = Path(__file__).parent / "found"
NET = f"{FOUND}/arguments/net.py:Plain(3, 3, upscale=4)"


def states() -> tuple[dict[str, torch.Tensor], dict[str, torch.Tensor]]:
    """Two different sets of weights for NET."""
    network = open_model(NET, 4, "none").network
    assert network is not None
    one = {key: torch.full_like(value, 0.25) for key, value in network.state_dict().items()}
    return one, {key: value * 2 for key, value in one.items()}


def first(model: Any) -> float:
    return float(next(iter(model.network.parameters())).detach().flatten()[0])


A, B = 0.25, 0.5
LAYOUTS: dict[str, tuple[Any, str | None, float, str, tuple[str, ...]]] = {
    # what the file holds (a and b are two sets of weights), --key, value found, where, what else was there
    "flat": (lambda a, b: a, None, A, "", ()),
    "params": (lambda a, b: {"params": a}, None, A, "params", ()),
    "average first": (lambda a, b: {"params": a, "params_ema": b}, None, B, "params_ema", ("params",)),
    "params asked": (lambda a, b: {"params": a, "params_ema": b}, "params", A, "params", ()),
    "state_dict": (lambda a, b: {"epoch": 3, "state_dict": a}, None, A, "state_dict", ()),
    "net": (lambda a, b: {"net": a, "optimizer": {"state": {0: {"exp": torch.ones(1)}}}}, None, A, "net", ()),
    "model_state_dict": (lambda a, b: {"model_state_dict": a, "loss": 0.1}, None, A, "model_state_dict", ()),
    "one in the other": (lambda a, b: {"model": {"params": a}}, None, A, "model.params", ()),
    "inner asked": (lambda a, b: {"model": {"params": a, "params_ema": b}}, "model.params", A, "model.params", ()),
    "a name of its own": (lambda a, b: {"generator": a, "step": 7}, None, A, "generator", ()),
    "parallel": (lambda a, b: {f"module.{key}": value for key, value in a.items()}, None, A, "", ()),
    "lightning": (
        lambda a, b: {"state_dict": {f"model.{key}": value for key, value in a.items()}},
        None,
        A,
        "state_dict",
        (),
    ),
}


@pytest.mark.parametrize("suffix", [".pth", ".pkl"])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_weights_are_found_and_what_was_not_taken_is_noted(layout: str, suffix: str, tmp_path: Path) -> None:
    make, key, value, place, others = LAYOUTS[layout]
    torch.save(make(*states()), tmp_path / f"w{suffix}", _use_new_zipfile_serialization=suffix == ".pth")
    model = open_model(NET, 4, tmp_path / f"w{suffix}", options=ModelOptions(key=key))
    assert first(model) == value
    assert read_state(tmp_path / f"w{suffix}", key).key == place
    chosen = [note for note in model.notes if note.wanted == "one set of weights"]
    assert [(note.used, note.items) for note in chosen] == ([(place, others)] if others else [])


def test_a_key_that_is_not_there_names_those_that_are(tmp_path: Path) -> None:
    a, b = states()
    torch.save({"params": a, "params_ema": b}, tmp_path / "w.pth")
    with pytest.raises(SrbenchError, match=r"holds no weights under 'net'; it holds keys params, params_ema"):
        open_model(NET, 4, tmp_path / "w.pth", options=ModelOptions(key="net"))
    torch.save({"one": a, "two": b}, tmp_path / "w.pth")
    with pytest.raises(SrbenchError, match=r"holds keys one, two, not a mapping.*--key"):
        open_model(NET, 4, tmp_path / "w.pth")


def test_without_strict_what_fits_is_loaded_and_the_rest_listed(tmp_path: Path) -> None:
    a, _ = states()
    a["tail.0.weight"] = torch.zeros(3, 8, 3, 3)
    a["attention.weight"] = a.pop("body.0.bias")
    torch.save(a, tmp_path / "w.pth")
    with pytest.raises(SrbenchError, match=r"1 of 8 keys missing .body.0.bias.*--no-strict loads what fits"):
        open_model(NET, 4, tmp_path / "w.pth")
    (note,) = open_model(NET, 4, tmp_path / "w.pth", options=ModelOptions(strict=False)).notes
    assert (note.kind, note.used) == ("skipped-weights", "6 of the network's 8")
    assert note.items == (
        "not in the file: body.0.bias",
        "of another shape: tail.0.weight",
        "not in the network: attention.weight",
    )
    torch.save({"x": torch.ones(1)}, tmp_path / "w.pth")
    with pytest.raises(SrbenchError, match=r"do not fit"):
        open_model(NET, 4, tmp_path / "w.pth", options=ModelOptions(strict=False))


def test_one_file_per_scale(tmp_path: Path) -> None:
    for scale in (2, 3):
        network = open_model(f"{FOUND}/arguments/net.py:ByFactor", scale, "none").network
        assert isinstance(network, nn.Module)
        torch.save({k: torch.full_like(v, scale) for k, v in network.state_dict().items()}, tmp_path / f"x{scale}.pth")
    pattern = f"{tmp_path}/x{{scale}}.pth"
    assert [first(open_model(f"{FOUND}/arguments/net.py:ByFactor", s, pattern)) for s in (2, 3)] == [2, 3]
    with pytest.raises(SrbenchError, match=r"x4.pth' is neither a file"):
        open_model(f"{FOUND}/arguments/net.py:ByFactor", 4, pattern)


def test_a_file_alone_names_its_registered_model(tmp_path: Path) -> None:
    network = open_model("imdn-rtc", 2, "none").network
    assert network is not None
    torch.save({"params": network.state_dict()}, tmp_path / "found.pth")
    model = open_model(tmp_path / "found.pth", 2)
    assert (model.card.name, model.card.scales, model.weights.name) == ("imdn-rtc", (2,), "user:found.pth")
    torch.save({"params": {"a": torch.ones(7)}}, tmp_path / "found.pth")
    with pytest.raises(SrbenchError, match=r"1 tensors with 7 values that fit no registered model"):
        open_model(tmp_path / "found.pth", 2)


def _files(folder: Path) -> dict[str, bytes]:
    """A valid file of each kind."""
    state = {"a.weight": torch.ones(3, 3), "a.bias": torch.zeros(3)}
    torch.save({"params": state}, folder / "zip.pth")
    torch.save({"params": state}, folder / "legacy.pth", _use_new_zipfile_serialization=False)
    save_file(state, folder / "w.safetensors")
    (folder / "plain.pkl").write_bytes(pickle.dumps({"params": {"a": [1.0, 2.0]}}))
    return {file.name: file.read_bytes() for file in folder.iterdir()}


@pytest.mark.parametrize("seed", range(6))
def test_a_damaged_file_is_one_sentence_and_nothing_else(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    for name, content in _files(tmp_path).items():
        for _ in range(60):
            damaged = bytearray(content)
            for _ in range(chance.choice([1, 1, 2, 8])):
                damaged[chance.randrange(len(damaged))] = chance.randrange(256)
            if chance.random() < 0.3:
                damaged = damaged[: chance.randrange(len(damaged))]
            (tmp_path / name).write_bytes(damaged)
            try:
                outcome: object = read_state(tmp_path / name).tensors
            except SrbenchError as error:
                outcome = str(error)
            assert "\n" not in outcome if isinstance(outcome, str) else isinstance(outcome, dict)


def test_a_huge_view_of_a_small_file_is_refused_by_its_shape(tmp_path: Path) -> None:
    a, _ = states()
    a["tail.0.weight"] = torch.zeros(1).as_strided((10**6, 10**6), (0, 0))
    torch.save(a, tmp_path / "w.pth")
    with pytest.raises(SrbenchError, match=r"tail.0.weight is 1000000x1000000 but the network has 48x8x3x3"):
        open_model(NET, 4, tmp_path / "w.pth")
