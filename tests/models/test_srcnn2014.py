"""SRCNN: 9-5-5 and 9-1-5 on the upsampled luma."""

from __future__ import annotations

import pytest
from zoo_checks import check_network


@pytest.mark.parametrize(("name", "params"), [("srcnn", 57_281), ("srcnn-915", 8_129)])
def test_srcnn(name: str, params: int) -> None:
    check_network(name, dict.fromkeys((2, 3, 4), params))
