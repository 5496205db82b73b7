"""``--weights`` for all models, or for each."""

from __future__ import annotations

import pytest

from srbench.errors import SrbenchError
from srbench.evaluation.resources import weights_choices


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("auto", ["auto", "auto"]),
        ("none", ["none", "none"]),
        ("mynet=w.pth", ["w.pth", "auto"]),
        ("released,mynet=w.pth", ["w.pth", "released"]),
        ("mynet=w.pth,imdn=bundled", ["w.pth", "bundled"]),
    ],
)
def test_a_choice_is_for_all_or_for_one(text: str, expected: list[str]) -> None:
    assert list(weights_choices(text, ["mynet", "imdn"]).values()) == expected


@pytest.mark.parametrize("text", ["rfdn=w.pth", "released,bundled", ""])
def test_what_fits_no_model_is_refused(text: str) -> None:
    with pytest.raises(SrbenchError, match="--weights"):
        weights_choices(text, ["mynet", "imdn"])
