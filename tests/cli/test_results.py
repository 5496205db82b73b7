"""``srbench results``: old folders are brought up to date by one command."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner

from srbench.cli.results import command


def old_cell() -> str:
    return json.dumps(
        {
            "schema": "srbench.cell/1",
            "model": {"name": "m", "title": "M", "paper": "p2020", "year": 2020, "source_sha256": "0" * 64},
            "weights": {"name": "not needed", "origin": "not needed"},
            "scale": 4,
            "dataset": {"name": "set5", "lr": "imresize", "images": 1, "sha256": "1" * 64},
            "protocol": {"id": "y-matlab@1"},
            "images": [{"image": "a", "psnr": 30.0, "ssim": 0.9, "lr_size": [8, 8]}],
            "quality": {"psnr": 30.0, "ssim": 0.9},
            "cost": {"params": 0},
            "machine": "box",
            "versions": {},
            "command": "srbench run --models m,n",
            "created": "2026-01-01T00:00:00Z",
        }
    )


def test_a_folder_of_old_results_is_rewritten_and_what_is_no_result_is_named(tmp_path: Path) -> None:
    (tmp_path / "m_x4_set5_y-matlab@1.json").write_text(old_cell(), encoding="utf-8")
    (tmp_path / "odd.json").write_text("{}", encoding="utf-8")
    dry = CliRunner().invoke(command, ["migrate", str(tmp_path), "--dry-run"])
    assert "1 files of the first schema would be rewritten as 2 results" in dry.output
    assert not (tmp_path / "costs").exists()
    done = CliRunner().invoke(command, ["migrate", str(tmp_path), "--json"])
    report = json.loads(done.stdout)
    assert [Path(name).name for name in report["written"]] == ["m_x4_set5_y-matlab@1.json", "m_x4_256x256_box.json"]
    assert [Path(entry["file"]).name for entry in report["skipped_files"]] == ["odd.json"]
    assert (tmp_path / "odd.json").read_text(encoding="utf-8") == "{}"
    assert "nothing to do" in CliRunner().invoke(command, ["migrate", str(tmp_path)]).output


def test_an_unknown_subcommand_names_the_nearest() -> None:
    assert "Did you mean 'migrate'?" in CliRunner().invoke(command, ["migrat"]).output


def test_merge_says_what_it_took_and_copies_no_damaged_file(tmp_path: Path) -> None:
    first, second, into = (tmp_path / name for name in ("w1", "w2", "both"))
    for folder, date in ((first, "01"), (second, "02")):
        folder.mkdir()
        (folder / "m.json").write_text(old_cell().replace("2026-01-01", f"2026-01-{date}"), encoding="utf-8")
    (second / "x.json").write_text("{", encoding="utf-8")
    (second / "n.json").write_text(old_cell(), encoding="utf-8")
    done = CliRunner().invoke(command, ["merge", str(first), str(second), "--into", str(into)])
    assert done.exit_code == 0
    assert done.stderr.splitlines() == [
        f"skipped {second / 'x.json'}: it is not valid JSON (cut short or damaged); it is not copied.",
        f"copied: 1 result of '{first}'",
        f"copied: 1 result of '{second}'",
        f"not taken from '{second}', since '{first}' has them too and its own stand: m.json",
    ]
    assert sorted(path.name for path in into.iterdir()) == ["m.json", "n.json"]
    assert (into / "m.json").read_bytes() == (first / "m.json").read_bytes()
    again = json.loads(CliRunner().invoke(command, ["merge", str(first), "--into", str(into), "--json"]).stdout)
    assert (again["copied"], again["not_taken"]) == ({}, [])


def test_nothing_to_merge_is_a_failure(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    done = CliRunner().invoke(command, ["merge", str(tmp_path / "empty"), "--into", str(tmp_path / "xx")])
    assert done.exit_code == 1
    assert "nothing to merge" in done.stderr
