"""Timing: worker processes, interleaved rounds, models that misbehave, axes checked before they are timed."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from click.testing import CliRunner
from torch import nn

from srbench.cli import time_view
from srbench.cli.time import command as time_command
from srbench.cost import backends, clock, load
from srbench.cost.allocator import tune
from srbench.cost.backends import Variant, check_variant, prepare
from srbench.cost.clock import time_once
from srbench.cost.rounds import Entry, Schedule, compare
from srbench.cost.runtime import Effort, measure
from srbench.errors import CheckFailed, SrbenchError

BAD = Path(__file__).with_name("bad_models.py")
ONE = Variant(threads=1)


def entry(name: str) -> Entry:
    return Entry(f"bad-{name}", 2, ONE)


@pytest.fixture(scope="module")
def misbehaving():
    """One run over all the models that misbehave, at two sizes."""
    names = ("good", "sleepy", "firstcall", "picky", "dying", "chatty")
    timings = compare(
        [entry(name) for name in names],
        [(16, 16), (24, 24)],
        Schedule(rounds=5, warm_seconds=0.3, timeout=60.0),
        plugins=[str(BAD)],
    )
    return {(t.entry.model.removeprefix("bad-"), t.input_size[0]): t for t in timings}


def test_the_well_behaved_ones_are_measured_whatever_the_others_do(misbehaving):
    for name in ("good", "chatty"):
        for size in (16, 24):
            result = misbehaving[name, size].result
            assert result is not None
            assert len(result.samples_ms) == 5
            assert result.threads == 1
            assert result.min_ms <= result.median_ms
            assert result.warmup >= 2


def test_a_sleeping_model_is_told_from_a_computing_one(misbehaving):
    result = misbehaving["sleepy", 16].result
    assert result.min_ms >= 50  # as long as it sleeps
    assert any(w.startswith("waiting: the model used the CPU for") for w in result.warnings)
    ratio = misbehaving["sleepy", 16].ratio
    assert ratio.low <= ratio.ratio <= ratio.high
    assert ratio.rounds == 5


def test_a_model_that_sets_up_in_its_first_call(misbehaving):
    result = misbehaving["firstcall", 16].result
    assert result.first_ms >= 500  # as long as its first call sleeps
    assert result.first_ms > result.median_ms
    assert "the first pass took" in result.notes[0]


def test_a_model_that_fails_at_one_size_is_measured_at_the_other(misbehaving):
    assert misbehaving["picky", 16].result is not None
    assert misbehaving["picky", 24].result is None
    assert misbehaving["picky", 24].error == "ValueError: 24 columns are too many"


def test_a_model_that_takes_its_process_down(misbehaving):
    assert misbehaving["dying", 16].error == "its process ended with exit code 7."
    assert misbehaving["dying", 24].error == "its process ended with exit code 7."


def test_a_model_that_hangs_is_stopped_and_not_tried_again():
    timings = compare([entry("hanging")], [(16, 16), (24, 24)], Schedule(rounds=2, timeout=3.0), plugins=[str(BAD)])
    assert [t.error for t in timings] == [
        "no answer within 3 s (--timeout), so it was stopped.",
        "not tried, since at 16x16 it hung.",
    ]


def test_the_naive_loop_of_the_challenges_contains_the_cold_start():
    (timing,) = compare(
        [entry("firstcall")], [(16, 16)], Schedule(rounds=2, warm_seconds=0.2, naive_images=4), plugins=[str(BAD)]
    )
    assert timing.result is not None
    assert timing.result.naive_ms is not None
    assert timing.result.naive_ms >= 500 / 4
    assert timing.result.naive_ms > timing.result.median_ms


def test_measuring_in_this_process_keeps_to_its_time():
    result = measure(nn.Conv2d(3, 3, 3, padding=1).train(), (16, 16), effort=Effort(0.2, max_samples=20))
    assert 3 <= len(result.samples_ms) <= 20
    assert (result.device, result.backend, result.input_size) == ("cpu", "eager", (16, 16))
    assert result.allocator == ("warm" if tune().applied else "shipped")
    assert result.allocator_how == tune().how
    assert result.threads == torch.get_num_threads()


@pytest.mark.parametrize("axes", [{"memory_format": "channels_last"}, {"precision": "bf16"}])
def test_every_way_of_running_is_checked_against_eager(axes):
    torch.manual_seed(0)
    network = nn.Sequential(nn.Conv2d(3, 8, 3, padding=1), nn.ReLU(), nn.Conv2d(8, 3, 3, padding=1)).eval()
    run, difference = prepare(network, torch.rand(1, 3, 16, 16), Variant(**axes))
    assert difference <= backends.TOLERANCE[axes.get("precision", "fp32")]
    assert run().shape == (1, 3, 16, 16)
    assert next(network.parameters()).dtype == torch.float32


def test_a_way_of_running_that_changes_the_output_is_not_timed():
    class Cheat(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv = nn.Conv2d(3, 3, 1)

        def forward(self, x):
            return x if x.dtype == torch.float32 else x * 0

    with pytest.raises(SrbenchError, match=r"bf16 differs from eager by 1\.0e\+00 .*so it was not timed"):
        prepare(Cheat(), torch.rand(1, 3, 8, 8), Variant(precision="bf16"))


def test_onnxruntime_is_checked_or_its_absence_is_one_sentence(monkeypatch):
    network = nn.Conv2d(3, 3, 3, padding=1).eval()
    monkeypatch.setitem(__import__("sys").modules, "onnxruntime", None)
    with pytest.raises(SrbenchError, match=r"onnxruntime is not installed; pip install 'srbench\[onnx\]'"):
        prepare(network, torch.rand(1, 3, 8, 8), Variant(backend="onnxruntime"))


@pytest.mark.parametrize(
    ("variant", "sentence"),
    [
        (Variant(backend="tensorrt"), "unknown backend 'tensorrt'; known: eager, compile, onnxruntime"),
        (Variant(precision="fp8"), "unknown precision 'fp8'"),
        (Variant(memory_format="nhwc"), "unknown memory format 'nhwc'"),
        (Variant(allocator="jemalloc"), "unknown allocator 'jemalloc'; known: warm, shipped"),
        (Variant(precision="fp16"), "fp16 is measured on CUDA only"),
        (Variant(backend="onnxruntime", precision="bf16"), "onnxruntime is measured in fp32 only"),
        (Variant(backend="onnxruntime", memory_format="channels_last"), "onnxruntime chooses its own memory format"),
    ],
)
def test_axes_that_do_not_exist_or_fit(variant, sentence):
    with pytest.raises(SrbenchError, match=sentence):
        check_variant(variant)


def test_cuda_is_timed_by_events_with_synchronisation(monkeypatch):
    """The code path on CUDA as far as a machine without it allows: with torch.cuda replaced."""
    calls: list[str] = []

    class Event:
        def __init__(self, enable_timing):
            assert enable_timing

        def record(self):
            calls.append("record")

        def elapsed_time(self, other):
            return 12.5

    monkeypatch.setattr(
        clock.torch, "cuda", SimpleNamespace(Event=Event, synchronize=lambda device: calls.append("synchronize"))
    )
    assert time_once(lambda: calls.append("run"), "cuda:0") == 12.5
    assert calls == ["synchronize", "record", "run", "record", "synchronize"]


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device: timing on CUDA itself is not tested here")
def test_cuda_itself():
    assert measure(nn.Conv2d(3, 3, 3).cuda(), (64, 64), device="cuda", effort=Effort(0.2)).median_ms > 0


def test_the_verb_writes_samples_and_the_machine_and_strict_fails_on_unstable_figures(tmp_path):
    arguments = ["--plugin", str(BAD), "--models", "bad-good,bad-sleepy", "--baseline", "bad-good", "--scale", "2"]
    arguments += [
        "--allocator",
        "warm,shipped",
        "--size",
        "16x16",
        "--rounds",
        "3",
        "--warm-up",
        "0.3",
        "--threads",
        "1",
        "--output",
        str(tmp_path),
        "--json",
    ]
    outcome = CliRunner().invoke(time_command, [*arguments, "--strict"])
    assert isinstance(outcome.exception, CheckFailed)
    data = json.loads(outcome.stdout)
    assert json.loads((tmp_path / "timings.json").read_text())["timings"] == data["timings"]
    assert len(list((tmp_path / "machines").glob("*.json"))) == 1
    good, sleepy, shipped, sleepy_shipped = data["timings"]
    assert len(good["runtime"]["samples_ms"]) == 3
    assert good["macs"] == (3 * 8 + 8 * 12) * 9 * 256
    assert good["share_of_peak"] > 0
    assert sleepy["ratio"]["ratio"] > 1
    assert sleepy_shipped["ratio"]["ratio"] > 1
    assert good["ratio"] is None
    assert shipped["ratio"]["ratio"] > 0  # the baseline's own row under another allocator refers to the baseline
    assert (good["runtime"]["allocator"], shipped["runtime"]["allocator"]) == (
        "warm" if tune().applied else "shipped",
        "shipped",
    )
    assert good["runtime"]["faults_per_pass"] >= 0
    assert shipped["label"] == "bad-good [allocator as shipped]"
    assert data["baseline"] == "bad-good"
    assert "Sleepy at 16x16: unstable: waiting" in outcome.stderr
    assert "Good at 16x16: load and warm up" in outcome.stderr


@pytest.mark.parametrize(("asked", "threads"), [("1", 1), ("3,2", 3), ("", None), ("many", None)])
def test_threads_default_to_what_torch_is_told(monkeypatch, asked, threads):
    monkeypatch.setenv("OMP_NUM_THREADS", asked)
    assert load.default_threads() == (threads or load.cores())


def test_progress_reaches_a_log_but_not_every_fast_round(capsys):
    seconds = [0.0]
    say = time_view.plain_lines(lambda: seconds[0])
    for at, text in (
        (0, "imdn: load and warm up"),
        (0.1, "rfdn: load and warm up"),
        (0.2, "round 1"),
        (1.5, "round 2"),
    ):
        seconds[0] = at
        say(text)
    assert capsys.readouterr().err.splitlines() == ["imdn: load and warm up", "rfdn: load and warm up", "round 2"]
