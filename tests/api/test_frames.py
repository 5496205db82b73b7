"""What srbench measures, as DataFrames."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

import srbench
from srbench.cli.profile import command as profile_command
from srbench.errors import SrbenchError


def test_profiles_have_the_numbers_of_the_command() -> None:
    frame = srbench.profile(["IMDN", "fsrcnn"], size="24x32", conventions=["macs", "fvcore"])
    shown = CliRunner().invoke(
        profile_command, ["--models", "imdn,fsrcnn", "--size", "24x32", "--convention", "macs,fvcore", "--json"]
    )
    for row in frame.to_dict("records"):
        assert all(f'"{name}": {row[key]}' in shown.stdout for name, key in (("macs", "macs"), ("macs", "macs:fvcore")))
    assert frame.set_index("model").loc["imdn", "params"] == 715_176
    assert list(frame["model"]) == ["imdn", "fsrcnn"]


def test_results_of_a_folder_and_what_is_none_of_them(tmp_path: Path) -> None:
    from srbench.paths import leaderboards_dir

    one = next((leaderboards_dir() / "measured").glob("imdn.released_x4_set5_y-matlab@1.json"))
    (tmp_path / one.name).write_bytes(one.read_bytes())
    (tmp_path / "broken.json").write_text("{", encoding="utf-8")
    frame = srbench.load_results(tmp_path)
    (row,) = frame.to_dict("records")
    assert (row["model"], row["dataset"], round(row["psnr"], 2)) == ("imdn", "set5", 32.21)
    assert [Path(path).name for path, _ in frame.attrs["skipped"]] == ["broken.json"]
    with pytest.raises(SrbenchError, match="there is no folder"):
        srbench.load_results(tmp_path / "none")


def test_findings_of_the_audit() -> None:
    frame = srbench.audit(kinds=["marks"])
    assert set(frame["kind"]) == {"marks"}
    assert {"id", "severity", "verdict", "headline"} <= set(frame.columns)
