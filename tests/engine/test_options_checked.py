"""Options that cannot work are refused whatever there is to compute."""

from __future__ import annotations

from typing import Any

import pytest

from srbench.cli.engine_options import engine_of
from srbench.errors import SrbenchError

GIVEN: dict[str, Any] = {
    "tile": None, "memory": None, "overlap": None, "address": "", "executor": "local", "memory_format": "contiguous",
    "shard": None, "backend": "eager", "devices": (), "workers": None, "threads": None, "timeout": 1.0,
}  # fmt: skip


@pytest.fixture(autouse=True)
def no_plugins(monkeypatch: pytest.MonkeyPatch) -> None:
    """There is no command line that could name any."""
    monkeypatch.setattr("srbench.cli.engine_options.plugin_files", lambda: ())


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"executor": "slurm"}, "needs 'sbatch'"),
        ({"executor": "ray"}, "needs Ray"),
        ({"memory": "1K"}, "--memory 1 KiB is less than srbench takes"),
        ({"overlap": 2}, "--overlap is that of tiles"),
    ],
)
def test_refused(changed: dict[str, Any], sentence: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    with pytest.raises(SrbenchError, match=sentence):
        engine_of({**GIVEN, **changed})


def test_images_are_shared_out_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda name: name)
    with pytest.raises(SrbenchError, match="both share the images out"):
        engine_of({**GIVEN, "shard": "1/2", "executor": "slurm"})


def test_more_overlap_than_tile_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert engine_of({**GIVEN, "tile": 8, "overlap": 16}).overlap == 16
    assert "most of what is computed is cut off" in capsys.readouterr().err
