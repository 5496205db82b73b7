"""Other libraries confirm the numbers on this machine, and a disagreement is found and named."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from srbench.cli.doctor import command
from srbench.errors import CheckFailed
from srbench.evaluation import witness


def test_witnesses_agree_on_this_machine() -> None:
    done = CliRunner().invoke(command, ["--witness", "--networks", "FSRCNN,carn-m", "--json"], catch_exceptions=False)
    found = json.loads(done.stdout)
    assert done.exit_code == 0
    assert found["disagreements"] == 0
    assert {one["witness"].split()[0] for one in found["witnesses"]} == {"scikit-image", "fvcore", "ptflops", "torch"}
    assert {one["quantity"] for one in found["witnesses"]} == {
        "psnr", "ssim", "params", "macs", "macs:fvcore", "macs:torch", "activations:fvcore",
    }  # fmt: skip
    assert len(found["witnesses"]) == 3 * 2 * 2 + 2 * 5
    assert all(one["ours"] > 0 for one in found["witnesses"])


def test_a_disagreement_is_named_with_exit_code_3(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(witness, "CROP", (slice(0, 60), slice(0, 60)))
    by_skimage = witness._by_skimage
    monkeypatch.setattr(witness, "_by_skimage", lambda sr, hr: by_skimage(sr[1:], hr[1:]))  # another shave
    monkeypatch.setattr(witness, "NETWORKS", ())
    done = CliRunner().invoke(command, ["--witness"])
    assert isinstance(done.exception, CheckFailed)
    assert "12 of 12 values differ" in str(done.exception)
    assert "psnr of astronaut, bicubic x4, y-matlab@1" in str(done.exception)
    assert done.stdout.startswith("DIFFER")


def test_networks_without_witness_is_a_question() -> None:
    done = CliRunner().invoke(command, ["--networks", "imdn"])
    assert "--networks goes with --witness" in str(done.exception)
