"""Which leaderboards and reports a verb works on: ``--root``, else the working directory's, else srbench's own."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from srbench.cli.leaderboard import command as leaderboard
from srbench.cli.report import command as report
from srbench.paths import ROOT_VARIABLE, data_root


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data root of one paper."""
    folder = tmp_path / "elsewhere"
    shutil.copytree(
        data_root() / "leaderboards" / "published" / "lrfdn2023", folder / "leaderboards" / "published" / "lrfdn2023"
    )
    return folder


def check(*arguments: str) -> Result:
    return CliRunner().invoke(leaderboard, ["check", *arguments])


def test_the_working_directory_wins_over_what_srbench_brings(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(data)
    found = check()
    assert f"data: {data}" in found.stderr
    assert "1 published tables with" in found.stdout


def test_root_wins_over_the_working_directory_and_is_forgotten(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(ROOT_VARIABLE, raising=False)
    before = data_root()
    assert f"data: {data}" in check("--root", str(data)).stderr
    assert data_root() == before


def test_a_root_without_leaderboards_is_one_sentence(tmp_path: Path) -> None:
    found = check("--root", str(tmp_path))
    assert "has no folder leaderboards/published" in str(found.exception)


def test_a_slip_in_a_model_and_a_folder_without_description_are_found(data: Path) -> None:
    tables = data / "leaderboards" / "published"
    cells = tables / "lrfdn2023" / "t1.csv"
    cells.write_text(cells.read_text(encoding="utf-8").replace(",lrfdn,", ",lrfnd,"), encoding="utf-8")
    (tables / "new2026").mkdir()
    found = check("--root", str(data))
    assert "unknown model 'lrfnd'; did you mean lrfdn" in found.stdout
    assert "new2026: has no paper.toml" in found.stdout
    assert found.exit_code == 1
    assert getattr(found.exception, "exit_code", None) == 3


def test_a_view_that_the_format_does_not_have_is_refused() -> None:
    found = CliRunner().invoke(report, ["imdn2019", "--view", "measured", "--format", "markdown"])
    assert "--view measured goes with --format latex" in str(found.exception)
