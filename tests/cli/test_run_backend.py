"""``srbench run --backend``: who runs the network is an axis of results; what it changes is said in dB."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from run_checks import Run, one_sentence, records
from torch import nn

from srbench.evaluation.backends import InBackend
from srbench.report import tables
from srbench.results import store

IMDN = ("--models", "imdn", "--weights", "bundled", "--limit", "1", "--no-runtime")


def needs(backend: str) -> None:
    for package in ("onnx", "onnxscript", "onnxruntime") if backend == "onnxruntime" else ():
        pytest.importorskip(package, reason="not installed; pip install 'srbench[onnx]'")


@pytest.mark.parametrize("backend", ["compile", "onnxruntime"])
def test_its_results_stand_beside_those_of_torch_and_the_difference_is_said(
    run: Run, out: Path, images: Path, net: Path, net_weights: Path, backend: str
) -> None:
    needs(backend)
    given = ("--model-file", f"{net}:Net", "--weights", str(net_weights), "--datasets", str(images), "--no-runtime")
    for more in ([], ["--backend", backend]):
        answer = run(*given, *more)
        assert answer.code == 0, answer.err
    assert f"({backend}) x4 on" in answer.err
    assert "PSNR +0.0000 dB" in answer.err or "PSNR below 0.0001 dB" in answer.err
    found = {record.backend: record for record in records(out) if record.model.name != "bicubic"}
    assert set(found) == {"eager", backend}
    assert found[backend].values["psnr"] == pytest.approx(found["eager"].values["psnr"], abs=0.005)
    assert f"({backend}) |" in tables.render(store.read_all(out)[0], "markdown")
    assert "nothing to compute" in run(*given, "--backend", backend).err


def test_without_torchs_own_result_the_difference_cannot_be_said(run: Run, images: Path) -> None:
    answer = run(*IMDN, "--datasets", str(images), "--precision", "bf16")
    assert "what this changes cannot be said; run that too." in answer.err


def test_what_does_not_go_together_is_one_sentence(run: Run, images: Path) -> None:
    given = (*IMDN, "--datasets", str(images), "--backend")
    one_sentence(run(*given, "compile", "--tile", "32"), "leave out --tile and --memory")
    needs("onnxruntime")
    one_sentence(run(*given, "onnxruntime", "--precision", "bf16"), "onnxruntime runs in fp32")


def test_a_backend_that_gives_another_image_is_refused() -> None:
    network = nn.Identity()
    x = torch.rand(1, 3, 4, 4)
    assert InBackend(network, lambda x: x + 1e-6, "compile", 1e-3)(x).shape == x.shape
    wrong = InBackend(network, lambda x: x + 0.5, "compile", 1e-3)
    with pytest.raises(Exception, match="compile gives another image than torch at LR 4x4"):
        wrong(x)
    with pytest.raises(Exception, match=r"compile cannot run the network: ValueError: no"):
        InBackend(network, _raise, "compile", 1e-3)(x)


def _raise(x: torch.Tensor) -> torch.Tensor:
    raise ValueError("no")
