"""``srbench run`` when something goes wrong: one clear sentence, exit code 1, nothing lost."""

from __future__ import annotations

import warnings
from pathlib import Path

import pytest
from PIL import Image
from run_checks import Run, one_sentence, records

from srbench.errors import SrbenchWarning


def test_a_damaged_result_is_named_skipped_and_kept(run: Run, images: Path, out: Path) -> None:
    run("--models", "bicubic", "--datasets", images, "--no-html")
    (cell,) = out.glob("*.json")
    damaged = cell.read_text()[:100]
    cell.write_text(damaged)
    again = run("--models", "bicubic", "--datasets", images, "--no-html")
    assert again.code == 0
    assert f"skipped {cell}" in again.err
    assert "delete it" in again.err
    assert again.err.count(f"written to {cell.with_suffix('.2.json')}") == 1
    assert "1 cell computed" in again.err
    assert cell.read_text() == damaged
    assert "nothing to compute" in run("--models", "bicubic", "--datasets", images, "--no-html").err


@pytest.mark.parametrize(
    ("failing", "words"),
    [
        ("Raises", ("ValueError", "no such thing as a forward pass", "image 'a'")),
        ("WrongShape", ("expected", "x4")),
        ("NotANumber", ("NaN",)),
        ("OutOfMemory", ("out of memory",)),
    ],
)
def test_a_model_that_fails_is_one_sentence_and_the_others_go_on(
    run: Run, images: Path, net: Path, net_weights: Path, out: Path, failing: str, words: tuple[str, ...]
) -> None:
    files = ("--model-file", f"{net}:{failing}", "--model-file", f"{net}:Net", "--weights", net_weights)
    answer = run(*files, "--datasets", images, "--no-runtime", "--no-html")
    one_sentence(answer, f"net.{failing.lower()} (net.pth) x4 on mine, y-matlab@1: ", *words)
    assert [record.model.name for record in records(out)] == ["net"]


def test_a_model_file_that_raises_on_import_is_one_sentence(run: Run, images: Path, tmp_path: Path, out: Path) -> None:
    broken = tmp_path / "broken.py"
    broken.write_text("raise RuntimeError('half written')\n")
    one_sentence(run("--model-file", f"{broken}:Net", "--weights", "none", "--datasets", images), "half written")
    kept = run("--models", "bicubic", "--model-file", f"{broken}:Net", "--datasets", images, "--no-html")
    one_sentence(kept, "half written")
    assert [record.model.name for record in records(out)] == ["bicubic"]


def test_a_missing_hr_image_is_one_sentence_and_other_datasets_go_on(
    run: Run, images: Path, tmp_path: Path, out: Path
) -> None:
    broken = tmp_path / "broken"
    (broken / "HR").mkdir(parents=True)
    (broken / "LR_bicubic" / "X4").mkdir(parents=True)
    for name in ("a", "b"):
        (broken / "HR" / f"{name}.png").write_bytes((images / f"{name}.png").read_bytes())
    for name in ("a", "b", "c"):
        (broken / "LR_bicubic" / "X4" / f"{name}x4.png").write_bytes((images / f"{name}.png").read_bytes())
    answer = run("--models", "bicubic", "--datasets", f"{broken},{images}", "--no-html")
    one_sentence(answer, "c")
    assert [record.dataset.name for record in records(out)] == ["folder:mine"]


def test_explicit_weights_are_never_replaced(run: Run, images: Path, out: Path) -> None:
    one_sentence(run("--models", "rfdn", "--weights", "released", "--datasets", images), "rfdn", "released")
    nothing = run("--models", "imdn", "--weights", "released", "--datasets", images)
    one_sentence(nothing, "imdn")
    assert "nothing was computed" in nothing.err
    assert "0 cells" not in nothing.err
    assert not list(out.glob("*.json"))


def test_a_wrong_hash_is_one_sentence(
    mirror: str, assets: Path, run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, images: Path
) -> None:
    from srbench.models.registry import get_card

    url = next(w.url for w in get_card("imdn").weights if w.scale == 4 and w.url)
    place = tmp_path / "mirror" / url.removeprefix("https://")
    place.parent.mkdir(parents=True)
    content = (assets / url.removeprefix("https://")).read_bytes()
    place.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    monkeypatch.setenv("SRBENCH_MIRROR", (tmp_path / "mirror").as_uri())
    one_sentence(run("--models", "imdn", "--datasets", images, "--weights", "released"), "SHA-256")
    one_sentence(run("--models", "imdn", "--datasets", images), "SHA-256")
    place.write_bytes(content[:1000])
    one_sentence(run("--models", "imdn", "--datasets", images, "--weights", "released"), "truncated")


def test_a_results_folder_that_cannot_be_written_is_one_sentence(run: Run, images: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    one_sentence(run("--models", "bicubic", "--datasets", images, results=tmp_path / "file" / "out"), "--results")


def test_a_cache_that_cannot_be_written_is_one_sentence(
    mirror: str, run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("not a folder")
    monkeypatch.setenv("SRBENCH_HOME", str(tmp_path / "file" / "cache"))
    one_sentence(run("--models", "imdn", "--datasets", "set5"), "SRBENCH_HOME")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--models", "imdm"), ("imdm", "did you mean imdn")),
        ((), ("--models",)),
        (("--models", "e-rfdn", "--scale", "3"), ("nothing to evaluate: e-rfdn has no x3 (it has x4).",)),
        (("--models", "bicubic", "--protocol", "y-matlap"), ("y-matlap", "did you mean")),
        (("--models", "bicubic", "--datasets", "set6"), ("set6", "did you mean", "the path of a folder")),
        (("--models", "bicubic", "--datasets", "xyzzy"), ("srbench list datasets", "the path of a folder")),
        (("--models", "imdn", "--weights", "nowhere.pth"), ("nowhere.pth",)),
    ],
)
def test_a_wrong_argument_is_one_sentence(run: Run, arguments: tuple[str, ...], words: tuple[str, ...]) -> None:
    one_sentence(run(*arguments), *words)


def test_cuda_without_cuda_is_one_sentence(run: Run, images: Path) -> None:
    import torch

    if torch.cuda.is_available():
        pytest.skip("this machine has CUDA")
    one_sentence(run("--models", "bicubic", "--datasets", images, "--device", "cuda"), "CUDA", "--device cpu")


def test_a_dry_run_says_which_dataset_is_unknown(run: Run) -> None:
    one_sentence(run("--models", "bicubic", "--datasets", "st5", "--dry-run"), "unknown dataset 'st5'", "set5")


def test_a_dry_run_and_the_list_agree_on_weights_that_cannot_be_had(run: Run, images: Path) -> None:
    from srbench.models.registry import get_card
    from srbench.models.weights import status

    assert status(get_card("imdn"), 2) == "none"  # offline, and no weights in the cache
    planned = run("--models", "IMDN", "--scale", "2", "--datasets", images, "--dry-run")
    assert "costs only, no weights" in planned.err


def test_an_image_that_is_too_small_is_named(run: Run, images: Path) -> None:
    Image.new("RGB", (3, 3)).save(images / "tiny.png")
    answer = run("--models", "bicubic", "--datasets", images, "--no-html")
    one_sentence(answer, "image 'tiny' is too small: modcrop by 4 needs an image of at least 4x4 pixels, got 3x3.")


def test_a_warning_is_one_line(run: Run, images: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from srbench.printable import warnings_in_one_line

    monkeypatch.setattr(warnings, "formatwarning", warnings.formatwarning)  # as it was, after the test
    warnings_in_one_line()
    said = warnings.formatwarning("two\nlines", SrbenchWarning, "place.py", 86, "code()")  # type: ignore[call-overload]
    assert said == "warning: two lines\n"
    assert "place.py:86: UserWarning" in warnings.formatwarning("other", UserWarning, "place.py", 86)
