"""NIQE: the distributions it fits are found again, damage is told from nature, and the parameters are recomputed."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from srbench.datasets import open_dataset
from srbench.download import hash_file
from srbench.errors import SrbenchError
from srbench.imaging import rgb_to_y
from srbench.metrics import niqe
from srbench.metrics.measure import measure_image
from srbench.metrics.niqe import EMBEDDED, fit, generalised_gaussian, niqe_quantity, read_parameters
from srbench.metrics.protocols import get_protocol
from srbench.quantities import QUANTITIES, get_quantity, register_quantity

Array = NDArray[np.float64]
PROTOCOL = get_protocol("y-matlab")


@pytest.fixture(scope="module")
def lumas() -> list[Array]:
    return [np.floor(rgb_to_y(pair.load()[1]) + 0.5) for pair in open_dataset("embedded", 4).images]


@pytest.mark.parametrize(("draw", "shape"), [("normal", 2.0), ("laplace", 1.0)])
def test_the_shape_of_a_known_distribution_is_found(draw: str, shape: float) -> None:
    values = getattr(np.random.default_rng(0), draw)(0.0, 1.0, 200_000)
    found, left, right = generalised_gaussian(values)
    assert found == pytest.approx(shape, rel=0.03)
    assert left == pytest.approx(right, rel=0.03)


def test_each_side_has_its_own_scale() -> None:
    values = np.random.default_rng(0).normal(0, 1, 200_000)
    values[values > 0] *= 3
    _, left, right = generalised_gaussian(values)
    assert right / left == pytest.approx(3, rel=0.03)
    assert np.isnan(generalised_gaussian(np.zeros(9))[0])


def test_the_shipped_parameters_are_those_of_the_embedded_photographs(lumas: list[Array]) -> None:
    found = fit(lumas)
    if os.environ.get("SRBENCH_UPDATE"):
        stored = {key: [float(f"{v:.9g}") for v in np.ravel(getattr(found, key))] for key in ("mean", "covariance")}
        EMBEDDED.write_text(json.dumps(stored, indent=0) + "\n", encoding="utf-8")
    shipped = read_parameters(EMBEDDED)
    np.testing.assert_allclose(shipped.mean, found.mean, rtol=1e-6)
    np.testing.assert_allclose(shipped.covariance, found.covariance, rtol=1e-5, atol=1e-9)
    settings = get_quantity("niqe-embedded@1").settings
    assert settings is not None
    assert settings.weights[0].sha256 == hash_file(EMBEDDED) == shipped.sha256


def test_noise_and_blur_are_less_natural(lumas: list[Array]) -> None:
    parameters = read_parameters(EMBEDDED)
    natural = lumas[0]
    noise = np.clip(natural + np.random.default_rng(0).normal(0, 20, natural.shape), 0, 255)
    blur = gaussian_filter(natural, 2)
    clean, noisy, blurred = (niqe.niqe(image, parameters) for image in (natural, noise, blur))
    assert clean < noisy
    assert clean < blurred


def test_it_is_measured_on_an_image_without_reference() -> None:
    image = open_dataset("embedded", 4).images[0].load()[1]
    for name in ("niqe-embedded", "niqe-embedded@1"):
        quantity = get_quantity(name)
        found = measure_image(image, None, 4, PROTOCOL, [quantity])
        luma = np.floor(rgb_to_y(image[4:-4, 4:-4]) + 0.5)
        assert found == {"niqe-embedded@1": niqe.niqe(luma, read_parameters(EMBEDDED))}


def test_parameters_of_the_user_make_a_quantity_with_their_hash_in_its_name(tmp_path: Path) -> None:
    shipped = read_parameters(EMBEDDED)
    file = tmp_path / "own.npz"
    np.savez(file, mu_pris_param=shipped.mean[None], cov_pris_param=shipped.covariance)
    image = open_dataset("embedded", 4).images[0].load()[1]
    with QUANTITIES.scoped():
        quantity = register_quantity(niqe_quantity(file))
        assert quantity.name == f"niqe-{hash_file(file)[:8]}@1"
        found = measure_image(image, None, 4, PROTOCOL, [get_quantity(quantity.name), get_quantity("niqe-embedded")])
    assert found[quantity.name] == pytest.approx(found["niqe-embedded@1"])


def test_what_cannot_be_measured_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(SrbenchError, match="at least two blocks of 96x96 pixels"):
        measure_image(np.zeros((120, 120, 3), np.uint8), None, 4, PROTOCOL, [get_quantity("niqe-embedded")])
    with pytest.raises(SrbenchError, match="need more sharp blocks than statistics"):
        fit([np.random.default_rng(0).uniform(0, 255, (96, 96))])
    (tmp_path / "odd.json").write_text("{}")
    with pytest.raises(SrbenchError, match="holds no parameters of NIQE"):
        read_parameters(tmp_path / "odd.json")
