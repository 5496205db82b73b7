"""What is asked for and is not there is refused in a sentence, at the start, and results that are there are kept."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result
from PIL import Image

from srbench.challenge import standing
from srbench.challenge.entries import DatasetResult, EntryResult, IsolationNote, ResultsFile, write_results
from srbench.challenge.evaluating import datasets_of
from srbench.challenge.imported import with_advice
from srbench.challenge.named import entries_named, entry_named
from srbench.challenge.probing import check_setting
from srbench.challenge.spec import EntrySpec
from srbench.cli.challenge import command
from srbench.cli.challenge._import_view import _about
from srbench.errors import SrbenchError
from srbench.isolation.process import Setting
from srbench.isolation.sandbox import choose
from srbench.rules import Rules, get_rules

RULES = get_rules("ntire2024-esr")
REPOSITORY = Path(__file__).parent / "found" / "esr"


def challenge(*words: str | Path) -> Result:
    return CliRunner().invoke(command, list(map(str, words)))


def sentence(done: Result) -> str:
    """The refusal of a command: one sentence, exit code 1."""
    assert isinstance(done.exception, SrbenchError), done.output
    assert done.exception.exit_code == 1
    return str(done.exception)


def results(quality: float = 27.0, params: float = 317_000.0, ids: Sequence[str] = ("00", "07")) -> ResultsFile:
    found = DatasetResult(dataset="valid", values={"psnr": quality})
    return ResultsFile(
        rules=RULES.id, baseline="00", isolation=IsolationNote(kind="process"),
        entries=tuple(
            EntryResult(id=key, title=f"net{key}", status="measured", datasets=(found,), values={"params": params})
            for key in ids
        ),
    )  # fmt: skip


def test_ids_are_taken_by_their_number() -> None:
    known = ("00", "03", "13", "x")
    assert entries_named(("3", "x", "03"), known, "--entries") == ("03", "x")
    with pytest.raises(SrbenchError, match=r"^--run: no entry 4, y; there are 00, 03, 13, x\.$"):
        entries_named(("3", "4", "y"), known, "--run")
    with pytest.raises(SrbenchError, match="no entry 3"):
        entry_named("3", ("03", "003"))


@pytest.mark.parametrize("option", [("--multiple", "77=16"), ("--run", "77"), ("--entries", "77")])
def test_options_for_entries_that_are_not_there_are_refused(tmp_path: Path, option: tuple[str, str]) -> None:
    done = challenge("evaluate", REPOSITORY, "--rules", RULES.id, "--data", "valid=embedded", "--isolation", "process",
                     "--output", tmp_path / "out", *option)  # fmt: skip
    assert sentence(done).startswith(f"{option[0]}: no entry 77; there are 00, ")
    assert not (tmp_path / "out").exists()


def test_a_device_that_is_not_here_is_refused_before_anything_is_replaced(tmp_path: Path) -> None:
    file = write_results(results(), tmp_path / "out" / "results.json")
    before = file.read_bytes()
    done = challenge("evaluate", REPOSITORY, "--rules", RULES.id, "--data", "valid=embedded", "--isolation", "process",
                     "--output", file.parent, "--device", "cuda:99")  # fmt: skip
    assert "--device cuda:99 needs a GPU" in sentence(done)
    assert file.read_bytes() == before


def test_what_no_process_can_start_with_is_not_the_entries_fault(tmp_path: Path) -> None:
    plugin = tmp_path / "broken.py"
    plugin.write_text("raise ValueError('mine')\n")
    with pytest.raises(SrbenchError, match=r"in the process apart, .*broken\.py"):
        check_setting(Setting(choose("process"), threads=1, plugins=(str(plugin),)))


def test_names_of_lr_images_are_not_taken_for_hr(tmp_path: Path) -> None:
    for name in ("a", "b"):
        Image.fromarray(np.zeros((32, 32, 3), np.uint8)).save(tmp_path / f"{name}x4.png")
    with pytest.raises(SrbenchError, match="the names of all images end in x4, as those of LR images do"):
        datasets_of(RULES, {"valid": str(tmp_path)}, None)
    (tmp_path / "bx4.png").rename(tmp_path / "b.png")
    assert list(datasets_of(RULES, {"valid": str(tmp_path)}, None)[0]) == ["valid"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("{}", "has no entries; expected an object with one object per entry."),
        ('{"00_a": {"speed": 3}}', "has no value of ntire2024-esr; expected some of "),
        ("PK\x03\x04", "is an archive, no table; 'srbench challenge score' scores it"),
    ],
)
def test_what_is_no_table_is_not_ranked(tmp_path: Path, content: str, words: str) -> None:
    file = tmp_path / "o.json"
    file.write_text(content)
    assert words in sentence(challenge("rank", file, "--rules", RULES.id))


def test_the_folder_of_an_evaluation_names_its_results(tmp_path: Path) -> None:
    file = write_results(results(), tmp_path / "results.json")
    done = challenge("rank", tmp_path, "--rules", RULES.id)
    assert done.exit_code == 2
    assert f"is a directory; give '{file}'" in done.output.replace("\n", " ")


def test_an_archive_is_no_repository_to_import(tmp_path: Path) -> None:
    file = tmp_path / "repository.zip"
    file.write_bytes(b"PK")
    done = challenge("import", file)
    assert done.exit_code == 2
    assert "is an archive; unpack it and give the folder." in done.output


def test_results_are_ranked_against_the_baseline_that_is_named(tmp_path: Path) -> None:
    file = write_results(results(), tmp_path / "results.json")
    wanted = "--baseline: no entry foo; there are 00, 07."
    assert sentence(challenge("rank", file, "--rules", RULES.id, "--baseline", "foo")) == wanted
    assert results().with_baseline("7").baseline == results().with_baseline("net07").baseline == "07"


def notes(found: ResultsFile, rules: Rules = RULES) -> str:
    return "\n".join(standing.outcome_of_results(found, rules).notes)


def test_a_baseline_that_is_not_the_rules_own_is_doubted() -> None:
    assert "baseline" not in notes(results())
    doubted = notes(results(7.3, 52_000.0))
    assert "the baseline 00 (net00) is not the rules' " in doubted
    assert "it has 0.052 M parameters, theirs 0.317; all scores are relative to it" in doubted
    assert "is below the floor itself" in doubted


def test_rules_that_measure_the_same_may_rank_what_others_measured() -> None:
    mine = RULES.model_copy(update={"id": "mine-2024", "floors": ()})
    assert "measured by ntire2024-esr, which measures the same as mine-2024" in notes(results(), mine)
    others = mine.model_copy(update={"scale": 2})
    with pytest.raises(SrbenchError, match="not by mine-2024"):
        standing.outcome_of_results(results(), others)


@pytest.mark.parametrize(
    ("files", "words"),
    [({}, "holds neither code nor PNG images"), ({"notes.txt": "x"}, "holds neither code nor PNG images")],
)
def test_what_holds_nothing_to_measure_says_so(tmp_path: Path, files: dict[str, str], words: str) -> None:
    folder = tmp_path / "empty"
    folder.mkdir()
    for name, text in files.items():
        (folder / name).write_text(text)
    done = challenge("evaluate", folder, "--rules", RULES.id, "--data", "valid=embedded", "--isolation", "process")
    assert words in sentence(done)
    (tmp_path / "no.zip").write_text("none")
    done = challenge("evaluate", tmp_path / "no.zip", "--rules", RULES.id, "--data", "valid=embedded")
    assert "an organisers' repository, a model submission or results" in sentence(done)
    assert "zip -j" not in str(done.exception)


def test_stand_ins_are_offered_where_there_are_any() -> None:
    spec = EntrySpec(id="04", title="net", folder=".", missing=("quux_attention.Fancy",))
    assert _about(spec) == ["04: wants quux_attention.Fancy, not installed (there is no stand-in for quux_attention)."]
    failure = "a package is missing; --shims may stand in."
    wanted = "a package is missing; there is no stand-in for quux_attention. It wants quux_attention.Fancy."
    assert with_advice(spec, failure) == wanted
    kept = spec.model_copy(update={"missing": ("einops.rearrange",)})
    assert "--shims may stand in" in _about(kept)[0]
    assert "--shims may stand in" in with_advice(kept, failure)
    used = kept.model_copy(update={"shims": True})
    assert "stand-ins are used" in _about(used)[0]
    assert "--shims" not in with_advice(used, failure)


def test_a_missing_weights_file_has_one_sentence() -> None:
    reason = "its weights 'model_zoo/team03_Lost.pth' are not in the repository"
    spec = EntrySpec(id="03", title="net", folder=".", weights="model_zoo/team03_Lost.pth", reason=reason)
    raised = "(test_demo.py line 37) raised FileNotFoundError: [Errno 2] No such file or directory: '{}'"
    assert with_advice(spec, raised.format("model_zoo/team03_Lost.pth")) == reason
    assert "FileNotFoundError" in with_advice(spec, raised.format("other.yml"))
