"""Checkpoints of networks that are not registered; run with spandrel by ``tox -e spandrel``, else skipped."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from srbench.errors import SrbenchError
from srbench.models import open_model
from srbench.models.through_spandrel import is_installed

needs_spandrel = pytest.mark.skipif(not is_installed(), reason="spandrel is not installed")


@pytest.fixture
def compact(tmp_path: Path) -> tuple[Path, nn.Module]:
    """A tiny network that spandrel knows (SRVGGNetCompact, x2), and a file of its random weights under params_ema."""
    kind = importlib.import_module("spandrel.architectures.Compact.__arch.SRVGG").SRVGGNetCompact
    torch.manual_seed(0)
    network = kind(num_in_ch=3, num_out_ch=3, num_feat=8, num_conv=2, upscale=2).eval()
    file = tmp_path / "My Net.pth"
    averaged = {key: tensor.clone() for key, tensor in network.state_dict().items()}
    plain = {key: tensor + 1 for key, tensor in averaged.items()}
    torch.save({"params": plain, "params_ema": averaged}, file)
    return file, network


@needs_spandrel
def test_a_file_of_weights_alone_is_a_model(compact: tuple[Path, nn.Module]) -> None:
    file, network = compact
    model = open_model(str(file), 2)
    assert model.card.name == "my-net"
    assert "Recognised as RealESRGAN Compact by spandrel" in model.card.note
    assert model.weights.origin == "user"
    assert model.weights.sha256 is not None
    assert [note.used for note in model.notes if note.kind == "checkpoint-key"] == ["params_ema"]
    lr = np.random.default_rng(0).integers(0, 256, (6, 7, 3), dtype=np.uint8)
    with torch.no_grad():
        wanted = network(torch.from_numpy(lr).permute(2, 0, 1)[None].float() / 255)[0].permute(1, 2, 0).numpy()
    assert np.abs(model(lr) - np.clip(np.rint(wanted * 255), 0, 255)).max() <= 1


@needs_spandrel
def test_the_other_scale_and_unknown_weights_are_refused_in_a_sentence(
    compact: tuple[Path, nn.Module], tmp_path: Path
) -> None:
    with pytest.raises(SrbenchError, match=r"has no scale x4; it has x2"):
        open_model(str(compact[0]), 4)
    torch.save({"nothing.weight": torch.zeros(3)}, tmp_path / "odd.pth")
    with pytest.raises(SrbenchError, match="fit no registered model"):
        open_model(str(tmp_path / "odd.pth"), 4)


@pytest.mark.skipif(is_installed(), reason="spandrel is installed")
def test_without_spandrel_the_sentence_says_how_to_get_it(tmp_path: Path) -> None:
    torch.save({"nothing.weight": torch.zeros(3)}, tmp_path / "odd.pth")
    with pytest.raises(SrbenchError, match=r"pip install 'srbench\[spandrel\]'"):
        open_model(str(tmp_path / "odd.pth"), 4)


def test_a_spandrel_that_cannot_be_imported_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = tmp_path / "spandrel"
    broken.mkdir()
    (broken / "__init__.py").write_text("raise RuntimeError('operator torchvision::nms does not exist')")
    monkeypatch.syspath_prepend(tmp_path)
    for name in [name for name in sys.modules if name.partition(".")[0] == "spandrel"]:
        monkeypatch.delitem(sys.modules, name)
    torch.save({"nothing.weight": torch.zeros(3)}, tmp_path / "odd.pth")
    with pytest.raises(SrbenchError, match=r"cannot be imported \(operator torchvision::nms does not exist\)"):
        open_model(str(tmp_path / "odd.pth"), 4)
