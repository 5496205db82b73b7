"""A released file is known by its hash, so that two trainings of one network are told apart."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import torch
from click.testing import CliRunner

from srbench.cli.main import app
from srbench.download import file_for
from srbench.models import open_model
from srbench.models.find import find_card
from srbench.models.networks import build_network
from srbench.models.registry import get_card


@pytest.mark.usefixtures("mirror")
@pytest.mark.parametrize("name", ["smfanet", "smfanet-df2k", "etds-m", "plain-m6c32", "lkdn-s-train"])
def test_a_released_file_names_its_model(name: str) -> None:
    entry = next(entry for entry in get_card(name).weights if entry.scale == 4)
    open_model(name, 4, weights="released")
    card = find_card(str(file_for(entry.url)))
    assert card.name == name
    assert card.scales == (4,)
    assert open_model(str(file_for(entry.url)), 4).weights.sha256 == entry.sha256


@pytest.mark.usefixtures("mirror")
def test_run_takes_a_checkpoint_alone(tmp_path: Path) -> None:
    open_model("etds-t", 4, weights="released")
    file = shutil.copy(file_for(get_card("etds-t").weights[-1].url), tmp_path / "whose.pth")
    result = CliRunner().invoke(
        app,
        ["run", "--checkpoint", str(file), "--datasets", "embedded", "--limit", "1", "--results", str(tmp_path / "r")],
    )
    assert result.exit_code == 0, result.output
    assert "ETDS-T" in result.stdout


def _plain() -> dict[str, torch.Tensor]:
    """Weights of a small registered network, under our names."""
    torch.manual_seed(0)
    return {key: tensor.clone() for key, tensor in build_network("etds-t", 4).state_dict().items()}


def _behind(prefix: str, noise: bool = False) -> dict[str, torch.Tensor]:
    return {f"{prefix}{key}": torch.rand_like(tensor) if noise else tensor for key, tensor in _plain().items()}


WRAPPED: dict[str, tuple[dict[str, object], list[tuple[str, str, tuple[str, ...]]]]] = {
    # what is saved; what is said of it: wanted, used, what else the file holds
    "two averages": (
        {"params": _behind("", noise=True), "params_ema": _behind("")},
        [("one set of weights", "params_ema", ("params",))],
    ),
    "parallel training": (
        {"params_ema": _behind("module.")},
        [("keys with 'module.'", "keys without it", ())],
    ),
    "lightning": (
        {"state_dict": _behind("model."), "epoch": 3, "optimizer_states": [{"state": {0: torch.zeros(3)}}]},
        [("keys with 'model.'", "keys without it", ())],
    ),
    "lightning with a loss": (
        {"state_dict": {**_behind("model.net."), "loss.weight": torch.zeros(3)}},
        [("keys with 'model.net.'", "keys without it", ("loss",))],
    ),
    "an average in one dictionary": (
        {**_behind("net.", noise=True), **_behind("ema_net."), "step": torch.tensor(5)},
        [("keys with 'ema_net.'", "keys without it", ("net", "step"))],
    ),
}


@pytest.mark.parametrize("name", WRAPPED)
def test_weights_are_found_where_training_frameworks_put_them_and_it_is_said(name: str, tmp_path: Path) -> None:
    saved, said = WRAPPED[name]
    file = tmp_path / "whose.ckpt"
    torch.save(saved, file)
    assert find_card(str(file)).name == "etds-t"
    for model in (open_model(str(file), 4), open_model("etds-t", 4, weights=str(file))):
        assert [(note.wanted, note.used, note.items) for note in model.notes] == said
        assert model.network is not None
        torch.testing.assert_close(dict(model.network.state_dict()), _plain())


def test_the_factor_of_a_file_is_its_own_and_another_is_refused_with_it(tmp_path: Path) -> None:
    file = tmp_path / "x2.pth"
    torch.save(build_network("etds-t", 2).state_dict(), file)
    words = ["run", "--checkpoint", str(file), "--datasets", "embedded", "--results", str(tmp_path / "r")]
    result = CliRunner().invoke(app, words)
    assert "etds-t has no x4 (it has x2)." in str(result.exception)
