"""``srbench run`` as a user meets it: exact figures, resumption, and one sentence for everything that goes wrong."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from run_checks import Run, costs, one_sentence, records

from srbench.results.record import QualityRecord


def without_times(path: Path) -> dict[str, Any]:
    """A result file without what depends on when and where it ran."""
    data: dict[str, Any] = json.loads(path.read_text())
    del data["created"], data["command"]
    return data


# --- the papers' figures ------------------------------------------------------------------------------------------

SET5_IMDN = {2: (38.00, 0.9605), 3: (34.36, 0.9270), 4: (32.21, 0.8948)}


def test_imdn_gives_the_papers_row_on_set5_at_every_scale(mirror: str, run: Run, out: Path) -> None:
    answer = run("--models", "imdn", "--datasets", "set5", "--scale", "2,3,4", "--no-runtime")
    assert answer.code == 0, answer.err
    for record in records(out):
        psnr, ssim = SET5_IMDN[record.scale]
        assert record.values["psnr"] is not None
        assert record.values["ssim"] is not None
        assert round(record.values["psnr"], 2) == psnr
        assert round(record.values["ssim"], 4) == ssim
        assert record.weights.name == "imdn.released"
        assert record.dataset.lr == "imresize"
        assert f"{psnr:.2f}/{ssim:.4f}" in answer.out
    assert len(records(out)) == 3
    page = (out / "report.html").read_text()
    assert "38.00" in page
    assert "imdn.released" in page


@pytest.mark.parametrize(
    ("model", "psnr", "ssim", "params"), [("e-rfdn", 32.161, 0.8946, 433_448), ("arfdn", 32.122, 0.8937, 241_548)]
)
def test_challenge_models_give_their_known_figures(
    mirror: str, run: Run, out: Path, model: str, psnr: float, ssim: float, params: int
) -> None:
    answer = run("--models", model, "--datasets", "set5", "--lr", "files", "--no-runtime", "--no-html")
    assert answer.code == 0, answer.err
    (record,) = records(out)
    assert record.value("psnr") == pytest.approx(psnr, abs=0.002)
    assert record.value("ssim") == pytest.approx(ssim, abs=0.0001)
    assert {cost.values["params"] for cost in costs(out).values()} == {params}


def test_the_bicubic_row_of_the_papers_is_exact(mirror: str, run: Run, out: Path) -> None:
    arguments = ("--models", "bicubic", "--protocol", "y-matlab-plane", "--datasets", "set5", "--scale", "2,3,4")
    answer = run(*arguments, "--no-html")
    assert answer.code == 0, answer.err
    for figures in ("33.66/0.9299", "30.39/0.8682", "28.42/0.8104"):
        assert figures in answer.out


def test_a_cell_carries_all_that_made_it(mirror: str, run: Run, out: Path) -> None:
    run("--models", "imdn", "--datasets", "set5", "--limit", "1", "--no-html")
    (record,) = records(out)
    small, large = costs(out)[256, 256], costs(out)[180, 320]
    assert round(small.values["macs:ntire-hooks"] / 1e9, 4) == 46.5987
    assert round(small.values["macs:fvcore"] / 1e9, 4) == 46.5442
    assert round(large.values["macs:fvcore"] / 1e9, 4) == 40.9080
    assert round(small.values["activations:ntire-hooks"] / 1e6, 4) == 122.6838
    assert small.values["convs:ntire-hooks"] == 46
    assert small.memory is not None
    assert small.values["memory"] == small.memory.total_bytes
    assert small.runtime is not None
    assert len(small.runtime.samples_ms) >= 1
    assert small.runtime.min_ms <= small.runtime.median_ms == small.values["runtime"]
    assert record.protocol["id"] == "y-matlab@1"
    assert record.dataset.limit == record.dataset.images == len(record.images) == 1
    assert (out / "machines" / f"{record.machine}.json").is_file()
    assert "torch" in record.versions
    assert record.command.startswith("srbench run --models imdn")


# --- going on where a run stopped -----------------------------------------------------------------------------------


def test_a_second_run_computes_nothing_and_says_so(run: Run, images: Path, out: Path) -> None:
    first = run("--models", "bicubic", "--datasets", images)
    assert first.code == 0, first.err
    before = {path: path.read_bytes() for path in out.glob("*.json")}
    second = run("--models", "bicubic", "--datasets", images)
    assert second.code == 0
    assert "nothing to compute" in second.err
    assert second.out == first.out, "the table is shown all the same"
    assert {path: path.read_bytes() for path in out.glob("*.json")} == before
    assert "1 cell computed" in run("--models", "bicubic", "--datasets", images, "--force").err


def test_what_changed_is_computed_again(run: Run, images: Path, net: Path, net_weights: Path, out: Path) -> None:
    arguments = (
        "--model-file",
        f"{net}:Net",
        "--weights",
        net_weights,
        "--datasets",
        images,
        "--no-html",
        "--no-runtime",
    )
    assert "1 cell computed" in run(*arguments).err
    assert "nothing to compute" in run(*arguments).err
    net.write_text(net.read_text() + "\n# changed\n")
    assert "1 cell computed" in run(*arguments).err, "another source"
    (images / "a.png").write_bytes((images / "b.png").read_bytes())
    assert "1 cell computed" in run(*arguments).err, "other data"
    assert "1 cell computed" in run(*arguments, "--limit", "2").err, "another limit"
    assert "1 cell computed" in run(*arguments, "--protocol", "y-matlab,rgb-ntire").err, "one more protocol"


def start(*arguments: str | Path, results: Path, **environment: str) -> subprocess.Popen[str]:
    words = [sys.executable, "-m", "srbench.cli", "run", *map(str, arguments), "--results", str(results)]
    env = {**os.environ, **environment}
    return subprocess.Popen(words, env=env, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def wait_for_file(folder: Path, process: subprocess.Popen[str], seconds: float = 60) -> None:
    """Wait until ``folder`` holds a finished cell."""
    end = time.monotonic() + seconds
    while not list(folder.glob("*.json")):
        assert process.poll() is None, process.communicate()[1]
        assert time.monotonic() < end, "no cell was finished in time"
        time.sleep(0.02)


def test_a_killed_run_goes_on_at_the_cell_it_was_in(
    run: Run, images: Path, net: Path, net_weights: Path, tmp_path: Path
) -> None:
    arguments = ("--model-file", f"{net}:Net", "--weights", net_weights, "--datasets", f"{images},embedded")
    arguments = (*arguments, "--no-runtime", "--no-html")
    killed, undisturbed = tmp_path / "killed", tmp_path / "undisturbed"
    process = start(*arguments, results=killed, TOY_SLEEP="60", TOY_WIDTH="20")  # the second cell's images only
    wait_for_file(killed, process)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert len(list(killed.glob("*.json"))) == 1, "killed between the two cells"
    again = run(*arguments, results=killed)
    assert again.code == 0
    assert "1 cell computed, 1 already there" in again.err
    run(*arguments, results=undisturbed)
    one, other = (
        {path.name: without_times(path) for path in folder.glob("*.json")} for folder in (killed, undisturbed)
    )
    assert one == other
    assert len(one) == 2


def test_ctrl_c_keeps_the_finished_cells(images: Path, net: Path, net_weights: Path, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    arguments = (
        "--model-file",
        f"{net}:Net",
        "--weights",
        net_weights,
        "--datasets",
        f"{images},embedded",
        "--no-runtime",
    )
    process = start(*arguments, results=folder, TOY_SLEEP="60", TOY_WIDTH="20")  # the second cell's images only
    wait_for_file(folder, process)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "finished cells and images are kept (" in err
    assert "Traceback" not in err
    assert len(records(folder)) == 1


def test_two_runs_on_one_folder_do_no_harm(images: Path, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    arguments = (
        "--models",
        "bicubic",
        "--datasets",
        f"{images},embedded",
        "--protocol",
        "y-matlab,rgb-ntire",
        "--no-html",
    )
    both = [start(*arguments, results=folder) for _ in range(2)]
    for process in both:
        _, err = process.communicate(timeout=120)
        assert process.returncode == 0, err
    assert len(records(folder)) == 4
    assert not [path for path in folder.iterdir() if path.suffix not in (".json", "")], "no temporary files"


# --- defaults and forms -----------------------------------------------------------------------------------------------


def test_offline_with_an_empty_cache_the_first_command_says_what_it_used_instead(
    run: Run, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SRBENCH_OFFLINE", "1")
    monkeypatch.delenv("SRBENCH_MIRROR", raising=False)
    answer = run("--models", "imdn,rfdn,aidn", "--limit", "1", "--no-runtime")
    assert answer.code == 0, answer.err
    found = records(out)
    assert [record.model.name for record in found] == ["aidn", "imdn", "rfdn"]
    page = (out / "report.html").read_text()
    for record in found:
        assert record.dataset.name == "embedded"
        assert record.weights.origin == "bundled"
        assert any(what.kind == "dataset" and what.wanted == "Set5" for what in record.substitutions)
    assert answer.out.count("instead of Set5") == 1, "said once, under the table"
    assert "instead of Set5" not in answer.err
    assert "instead of Set5" in page
    again = run("--models", "imdn,rfdn,aidn", "--limit", "1", "--no-runtime", "--no-html", "--format", "csv")
    assert again.err.count("used instead: the embedded images") == 1, "on stderr beside what is for machines"
    dry = run("--models", "imdn,edsr", "--limit", "1", "--dry-run")
    assert "used instead: the embedded images" in dry.err, "no table that could say it"
    assert "no weights: edsr x4 has no weights" in dry.err


def test_without_weights_there_are_costs_and_no_quality(run: Run, images: Path, out: Path) -> None:
    answer = run("--models", "rfdn", "--weights", "none", "--datasets", images, "--no-runtime", "--no-html")
    assert answer.code == 0
    assert records(out) == [], "no numbers of random weights"
    assert {cost.values["params"] for cost in costs(out).values()} == {549_624}
    assert "No weights" in answer.out
    assert "0 cells computed, 0 already there; costs of 1 model measured" in answer.err


def test_a_scale_that_one_model_lacks_is_left_out_in_a_sentence(run: Run, images: Path, out: Path) -> None:
    answer = run("--models", "bicubic,e-rfdn", "--scale", "3", "--datasets", images, "--no-html")
    assert answer.code == 0
    assert "e-rfdn has no x3" in answer.err
    assert [record.model.name for record in records(out)] == ["bicubic"]


def test_a_dry_run_shows_the_cells_and_writes_nothing(run: Run, images: Path, out: Path) -> None:
    answer = run("--models", "bicubic", "--datasets", images, "--scale", "2,4", "--dry-run", "--json")
    assert answer.code == 0
    assert [cell["status"] for cell in json.loads(answer.out)["cells"]] == ["compute", "compute"]
    assert not out.exists()
    run("--models", "bicubic", "--datasets", images, "--scale", "4", "--no-html")
    answer = run("--models", "bicubic", "--datasets", images, "--scale", "2,4", "--dry-run", "--json")
    assert [cell["status"] for cell in json.loads(answer.out)["cells"]] == ["compute", "there"]


def test_json_is_alone_on_stdout(run: Run, images: Path, out: Path) -> None:
    answer = run("--models", "bicubic", "--datasets", images, "--json")
    data = json.loads(answer.out)
    assert data["computed"] == 1
    assert data["html"] == str(out / "report.html")
    assert [QualityRecord.model_validate(record) for record in data["records"]] == records(out)


def test_sr_images_are_saved_and_score_the_same(run: Run, images: Path, out: Path, tmp_path: Path) -> None:
    run("--models", "bicubic", "--datasets", images, "--no-html", "--save-images", tmp_path / "sr")
    from srbench.imaging import imresize, read_image

    saved = {path.stem: path for path in (tmp_path / "sr").rglob("*.png")}
    assert sorted(saved) == ["a", "b", "c"]
    hr = read_image(images / "a.png")
    expected = imresize(imresize(hr, (12, 15)), (48, 60))
    assert (read_image(saved["a"]) == expected).all()


def test_images_that_are_missing_are_made_though_the_cell_is_there(run: Run, images: Path, tmp_path: Path) -> None:
    arguments = ("--models", "bicubic,bicubic-torch", "--datasets", images, "--no-html")
    run(*arguments)
    saving = (*arguments, "--save-images", tmp_path / "sr")
    first = run(*saving)
    assert "2 cells computed, 0 already there" in first.err
    assert f"its images are not in {tmp_path / 'sr'}" in " ".join(first.err.split())
    saved = list((tmp_path / "sr").rglob("*.png"))
    assert len(saved) == 6, "each model has a folder of its own"
    assert "nothing to compute" in run(*saving).err
    saved[0].unlink()
    assert "1 cell computed, 1 already there" in run(*saving).err
    assert saved[0].is_file()


def test_a_log_tells_what_is_timed_and_which_runtimes_are_unsteady(
    run: Run, images: Path, net: Path, net_weights: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("srbench.evaluation.apart.processes.is_ours", lambda _card: True)  # to be patched here
    monkeypatch.setattr("srbench.cost.runtime.doubts", lambda *_, **__: ("only 3 samples: at least 20 are needed",))
    monkeypatch.setattr("srbench.evaluation.costs.RUNTIME_SECONDS", 0.05)
    answer = run("--model-file", f"{net}:Net", "--weights", net_weights, "--datasets", images, "--no-html")
    assert "timing net x4 ..." in answer.err.splitlines()
    assert "net (net.pth) x4 on mine, y-matlab@1: " in answer.err
    assert "runtimes are unsteady for net x4 (only 3 samples); srbench time" in answer.err


def test_identical_images_are_null_in_json_and_inf_in_the_table(run: Run, tmp_path: Path, out: Path) -> None:
    from srbench.imaging import write_image

    (tmp_path / "flat").mkdir()
    write_image(tmp_path / "flat" / "grey.png", np.full((48, 48, 3), 100, np.uint8))
    answer = run("--models", "bicubic", "--datasets", tmp_path / "flat", "--no-html")
    assert answer.code == 0, answer.err
    (record,) = records(out)
    assert record.values["psnr"] is None
    assert record.identical_images == 1
    assert record.images[0].values["psnr"] is None
    assert "inf" in answer.err


@pytest.mark.parametrize(
    ("form", "sign"), [("markdown", "| "), ("latex", "\\begin{tabular}"), ("csv", "model,"), ("json", "{")]
)
def test_the_table_comes_in_every_form(run: Run, images: Path, form: str, sign: str) -> None:
    answer = run("--models", "bicubic", "--datasets", images, "--no-html", "--format", form)
    assert sign in answer.out


def test_a_page_goes_where_it_is_told(run: Run, images: Path, tmp_path: Path, out: Path) -> None:
    run("--models", "bicubic", "--datasets", images, "--html", tmp_path / "page.html")
    assert "<html" in (tmp_path / "page.html").read_text()
    assert not (out / "report.html").exists()


def test_a_page_that_cannot_be_written_is_one_sentence_after_the_table(run: Run, images: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    answer = run("--models", "bicubic", "--datasets", images, "--html", tmp_path / "file" / "page.html")
    one_sentence(answer, "page")
    assert "Bicubic" in answer.out
