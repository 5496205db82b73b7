"""LPIPS and DISTS: their protocols say everything; with torchmetrics by ``tox -e perceptual``, else one sentence."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

from srbench.download import hash_file
from srbench.errors import SrbenchError
from srbench.metrics.measure import measure_image
from srbench.metrics.protocols import get_protocol
from srbench.models import perceptual
from srbench.quantities import get_quantity
from srbench.quantities.perceptual import DISTS, LPIPS_ALEX, LPIPS_VGG, PerceptualProtocol, WeightsFile

INSTALLED = importlib.util.find_spec("torchmetrics") is not None
needs_torchmetrics = pytest.mark.skipif(not INSTALLED, reason="torchmetrics is not installed")
RANDOM = np.random.default_rng(0)
HR = RANDOM.integers(0, 256, (64, 72, 3), dtype=np.uint8)
SR = np.clip(HR + RANDOM.normal(0, 20, HR.shape), 0, 255).astype(np.uint8)


@pytest.mark.parametrize("settings", [LPIPS_ALEX, LPIPS_VGG, DISTS], ids=lambda s: s.id)
def test_a_protocol_says_everything_that_a_figure_depends_on(settings: PerceptualProtocol) -> None:
    quantity = get_quantity(settings.id)
    assert quantity.settings == settings
    assert quantity.direction == "lower"
    said = settings.model_dump(mode="json")
    assert {"id", "network", "weights", "value_range", "resize", "shave", "channel", "order", "package"} <= set(said)
    assert all(len(file["sha256"]) >= 8 for file in said["weights"])
    assert said["order"] == ["sr", "hr"]


@pytest.mark.skipif(INSTALLED, reason="torchmetrics is installed")
def test_without_the_packages_the_sentence_says_how_to_get_them() -> None:
    with pytest.raises(SrbenchError, match=r"lpips-alex@1\) needs torch.*pip install 'srbench\[perceptual\]'"):
        measure_image(SR, HR, 4, get_protocol("y-matlab"), [get_quantity("lpips-alex")])


def test_a_file_of_weights_that_is_not_there_or_is_another_is_one_sentence(tmp_path: Path) -> None:
    file = WeightsFile(name="net.pth", sha256="0" * 8, source="https://example.org/net.pth")
    with pytest.raises(SrbenchError, match=r"rests on net\.pth, which is not there; put https://example\.org/net\.pth"):
        perceptual.checked(tmp_path / "net.pth", file, LPIPS_ALEX)
    (tmp_path / "net.pth").write_bytes(b"other")
    with pytest.raises(SrbenchError, match="another file is another measure"):
        perceptual.checked(tmp_path / "net.pth", file, LPIPS_ALEX)


@pytest.fixture
def features(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, PerceptualProtocol]]:
    """The protocols on random features, since those of torchvision cannot be downloaded by a test."""
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    folder = Path(torch.hub.get_dir()) / "checkpoints"
    folder.mkdir(parents=True)
    models = importlib.import_module("torchvision.models")
    torch.manual_seed(0)
    found = {}
    for settings, make in ((LPIPS_ALEX, models.alexnet), (DISTS, models.vgg16)):
        first, *rest = settings.weights
        torch.save(make(weights=None).state_dict(), folder / first.name)
        known = first.model_copy(update={"sha256": hash_file(folder / first.name)})
        found[settings.name] = settings.model_copy(update={"weights": (known, *rest)})
    yield found
    perceptual._metric.cache_clear()


@needs_torchmetrics
def test_equal_images_have_no_distance_and_others_have_one(features: dict[str, PerceptualProtocol]) -> None:
    for settings in features.values():
        assert perceptual.distance(HR, HR, 4, settings) == pytest.approx(0, abs=1e-5)
        assert perceptual.distance(SR, HR, 4, settings) > 1e-3
        grey = HR[..., 0]
        assert perceptual.distance(grey, grey, 4, settings) == pytest.approx(0, abs=1e-5)


@needs_torchmetrics
def test_it_is_what_torchmetrics_gives_for_the_declared_range(features: dict[str, PerceptualProtocol]) -> None:
    functional = importlib.import_module("torchmetrics.functional.image")
    sr, hr = (torch.from_numpy(image).permute(2, 0, 1)[None] / 255 for image in (SR, HR))
    wanted = functional.learned_perceptual_image_patch_similarity(sr, hr, net_type="alex", normalize=True)
    assert perceptual.distance(SR, HR, 4, features["lpips-alex"]) == pytest.approx(float(wanted), rel=1e-4)
    shaved = features["lpips-alex"].model_copy(update={"shave": "scale"})
    inner = functional.learned_perceptual_image_patch_similarity(
        sr[..., 4:-4, 4:-4], hr[..., 4:-4, 4:-4], net_type="alex", normalize=True
    )
    assert perceptual.distance(SR, HR, 4, shaved) == pytest.approx(float(inner), rel=1e-4)
