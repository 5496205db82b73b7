"""SAN: second-order attention and region non-local modules."""

from __future__ import annotations

import torch
from zoo_checks import check_network

from srbench.models.san2019 import RegionNonLocal, covariance, matrix_square_root


def test_san() -> None:
    check_network("san", {2: 15_674_732, 3: 15_859_372, 4: 15_822_444}, arithmetic_size=(3, 4))


def test_covariance_is_torchs() -> None:
    x = torch.randn(2, 5, 6, 7)
    torch.testing.assert_close(covariance(x)[1], torch.cov(x[1].flatten(1), correction=0))


def test_newton_schulz_gives_the_square_root() -> None:
    a = torch.randn(1, 6, 40, dtype=torch.float64)
    matrix = a @ a.transpose(1, 2)
    root = matrix_square_root(matrix, iterations=20)
    torch.testing.assert_close(root @ root, matrix)


def test_regions_do_not_see_each_other() -> None:
    module, x = RegionNonLocal(8, 4), torch.rand(1, 8, 6, 5)
    changed = x.clone()
    changed[:, :, :3, :2] += 1
    same = torch.isclose(module(x), module(changed)).all(dim=1)[0]
    assert same[3:].all()
    assert same[:, 2:].all()
    assert not same[:3, :2].any()
