"""``srbench train``: a real process, killed for real, ends with the same weights."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file

from srbench.errors import SrbenchError
from srbench.imaging import write_image
from srbench.report.specs import load_spec
from srbench.training.loop import train, trainable_card
from srbench.training.session import TrainRequest, prepare

RECIPE = """
title = "tiny"
source = "test"
paper_data = "none"
hr_patch = 64
batch = 2
ema = 0.9
clip_norm = 1.0

[[stages]]
loss = "l1"
rate = 1e-3
steps = 40
schedule = { kind = "trapezoid", warmup = 4, decay_share = 0.4 }
"""


@pytest.fixture
def workshop(tmp_path: Path) -> Path:
    """A folder with four training images, one validation image and a tiny recipe."""
    rng = np.random.default_rng(0)
    for folder, count in (("train", 4), ("held-out", 1)):
        (tmp_path / folder).mkdir()
        for i in range(count):
            coarse = rng.integers(0, 256, (16, 20, 3), dtype=np.uint8)
            write_image(tmp_path / folder / f"{i}.png", coarse.repeat(6, 0).repeat(6, 1))
    (tmp_path / "tiny.toml").write_text(RECIPE)
    return tmp_path


def arguments(workshop: Path, out: str, *more: str) -> list[str]:
    return [
        sys.executable, "-m", "srbench.cli", "train", "--model", "etds-t-train", "--data", str(workshop / "train"),
        "--validate", str(workshop / "held-out"), "--recipe", str(workshop / "tiny.toml"), "--out", str(workshop / out),
        "--threads", "1", "--checkpoint-every", "3", "--validate-every", "10", *more,
    ]  # fmt: skip


def run(command: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)


def kill_after_first_checkpoint(command: list[str], checkpoint: Path) -> None:
    """Start the command and SIGKILL it once its first checkpoint is there."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 120
    while not checkpoint.exists() and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.01)
    os.kill(process.pid, signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL, "the run ended before it could be killed"


def test_a_run_resumed_after_sigkill_ends_with_the_same_weights(workshop: Path) -> None:
    straight = run(arguments(workshop, "straight", "--json"))
    assert straight.returncode == 0, straight.stderr
    kill_after_first_checkpoint(arguments(workshop, "killed"), workshop / "killed" / "last.pt")
    assert not (workshop / "killed" / "etds-t-train_x4.safetensors").exists()
    resumed = run(arguments(workshop, "killed", "--json"))
    assert resumed.returncode == 0, resumed.stderr

    weights = [load_file(workshop / d / "etds-t-train_x4.safetensors") for d in ("straight", "killed")]
    assert weights[0].keys() == weights[1].keys()
    for key in weights[0]:
        np.testing.assert_array_equal(weights[0][key], weights[1][key])
    records = [json.loads(r.stdout) for r in (straight, resumed)]
    assert records[0]["curve"] == records[1]["curve"]
    assert records[0]["weights_sha256"] == records[1]["weights_sha256"]

    longer = run(arguments(workshop, "straight", "--steps", "60", "--json"))
    assert longer.returncode == 0, longer.stderr
    record = json.loads(longer.stdout)
    assert record["steps"] == 60
    assert [p["step"] for p in record["curve"]] == [10, 20, 30, 40, 50, 60]
    other_seed = TrainRequest(
        model="etds-t-train", data=str(workshop / "train"), out=workshop / "straight", threads=1, seed=1,
        recipe=str(workshop / "tiny.toml"), validate=str(workshop / "held-out"),
    )  # fmt: skip
    with pytest.raises(SrbenchError, match="seed is 0, expected 1"):
        train(prepare(other_seed))


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (["--model", "lrfnd"], "did you mean lrfdn"),
        (["--model", "bicubic"], "no network to train"),
        (["--model", "vdsr"], "works on luma"),
        (["--scale", "7"], "has no x7"),
        (["--data", "nowhere"], "nowhere"),
        (["--device", "cuda"], "--device cuda needs a GPU"),
    ],
)
def test_bad_input_gets_one_sentence(workshop: Path, change: list[str], sentence: str) -> None:
    if change[-1] == "cuda" and __import__("torch").cuda.is_available():
        pytest.skip("this machine has a CUDA device")
    result = run([*arguments(workshop, "out"), *change])
    assert result.returncode == 1
    assert sentence in result.stderr
    assert "Traceback" not in result.stderr


WARM = """

[[stages]]
loss = "l2"
rate = 1e-12
steps = 8
warm_start = true
hr_patch = 32
schedule = { kind = "constant" }
"""


def test_a_warm_start_goes_on_from_the_weights_with_an_optimiser_that_remembers_nothing(workshop: Path) -> None:
    one_stage = RECIPE.replace("steps = 40", "steps = 4").replace("hr_patch = 64", "hr_patch = 48")
    states = []
    for name, text in (("one", one_stage), ("two", one_stage + WARM)):
        recipe = workshop / f"{name}.toml"
        recipe.write_text(text)
        request = TrainRequest(
            model="etds-t-train", data=str(workshop / "train"), out=workshop / f"out-{name}", scale=4,
            recipe=str(recipe), validate=str(workshop / "held-out"), threads=1,
        )  # fmt: skip
        states.append(train(prepare(request)))
    first, state = states
    assert state.step == 12
    steps = {float(held["step"]) for held in state.optimizer.state.values()}
    assert steps == {8.0}, "Adam counts the steps of the last stage only"
    reached, kept = first.network.state_dict(), state.network.state_dict()
    torch.testing.assert_close(kept, reached, rtol=0, atol=1e-9, msg="a rate of 1e-12 keeps them")


@pytest.mark.parametrize("model", load_spec("common-recipe").models)
def test_every_network_of_the_controlled_comparison_can_be_trained(model: str) -> None:
    assert trainable_card(model, 4).name == model
