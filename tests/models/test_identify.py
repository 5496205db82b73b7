"""A released file is known by its hash, so that two trainings of one network are told apart."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from srbench.cli.main import app
from srbench.download import file_for
from srbench.models import open_model
from srbench.models.find import find_card
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
