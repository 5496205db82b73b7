"""Nothing that srbench needs has a licence that forbids commercial use, or one that nobody has read."""

from __future__ import annotations

import email.message
from typing import Any

import pytest

from tests.supply_chain import licences


class Said:
    """A package with this metadata."""

    def __init__(self, **fields: str) -> None:
        self.metadata = email.message.Message()
        for name, value in fields.items():
            self.metadata[name.replace("_", "-")] = value


def test_all_that_is_installed_is_allowed() -> None:
    found, _ = licences.needed()
    assert {"torch", "numpy", "pillow", "pydantic-core", "sympy"} <= set(found)
    assert list(licences.refused(licences.rules(), found)) == []


@pytest.mark.parametrize(
    ("package", "fine"),
    [
        (Said(License_Expression="MIT"), True),
        (Said(License_Expression="MIT AND GPL-3.0-only"), False),
        (Said(License_Expression="Apache-2.0 OR GPL-3.0-only"), True),
        (Said(License_Expression="CC-BY-NC-4.0"), False),
        (Said(License_Expression="LicenseRef-Proprietary", Classifier="License :: OSI Approved :: MIT License"), False),
        (Said(License="BSD"), True),
        (Said(License="for research only"), False),
        (Said(License="a whole\ntext", Classifier="License :: OSI Approved :: BSD License"), True),
        (Said(License="a whole\ntext"), False),
        (Said(License="UNKNOWN"), False),
        (Said(), False),
    ],
)
def test_what_is_refused(package: Any, fine: bool) -> None:
    assert (list(licences.refused(licences.rules(), {"it": package})) == []) is fine
