"""RDN: sixteen residual dense blocks."""

from __future__ import annotations

from zoo_checks import check_network


def test_rdn() -> None:
    check_network("rdn", {2: 22_123_395, 3: 22_308_035, 4: 22_271_107}, arithmetic_size=(3, 4))
