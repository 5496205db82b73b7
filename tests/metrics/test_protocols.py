"""Protocols are data with an id: what they hold, how new ones come in, how a wrong name is answered."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from pydantic import ValidationError

from srbench.errors import SrbenchError
from srbench.metrics import Protocol, SsimParameters, get_protocol, protocol_names, psnr, register_protocol
from srbench.metrics.protocols import PROTOCOLS


@pytest.fixture(autouse=True)
def _own_registry() -> Iterator[None]:
    with PROTOCOLS.scoped():
        yield


def test_the_default_is_the_papers_measure() -> None:
    assert get_protocol("y-matlab").model_dump(mode="json") == {
        "name": "y-matlab",
        "version": 1,
        "title": "Luma (BT.601 studio range, not rounded), shave = scale: the papers' tables",
        "channel": "y",
        "rounded": False,
        "shave": "scale",
        "peak": 255.0,
        "ssim": {
            "window": "gaussian",
            "size": 11,
            "sigma": 1.5,
            "k1": 0.01,
            "k2": 0.03,
            "sample_covariance": False,
        },
        "prepare": "rgb",
        "id": "y-matlab@1",
    }


def test_a_stored_protocol_is_read_with_its_id() -> None:
    stored = get_protocol("rgb-ntire").model_dump(mode="json")
    assert Protocol.model_validate(stored) == get_protocol("rgb-ntire@1")
    assert Protocol.model_validate({key: value for key, value in stored.items() if key != "prepare"}).prepare == "rgb"


@pytest.mark.parametrize(("shave", "border"), [("scale", 4), ("scale+6", 10), (8, 8)])
def test_the_border_may_grow_with_the_scale(shave: str | int, border: int) -> None:
    assert Protocol(name="a", shave=shave).border(4) == border


def test_the_three_built_in_protocols_are_listed_first() -> None:
    assert protocol_names()[:3] == ("y-matlab@1", "y-rounded@1", "rgb-ntire@1")


def test_a_name_means_its_newest_version_and_an_id_exactly_that_one() -> None:
    newer = register_protocol(Protocol(name="y-matlab", version=2, shave=0))
    assert get_protocol("y-matlab") is newer
    assert get_protocol("y-matlab@1").shave == "scale"


def test_a_registered_protocol_can_be_used_by_name() -> None:
    register_protocol(Protocol(name="green-free", channel="rgb", shave=2, peak=1020.0))
    hr = np.zeros((12, 12, 3), dtype=np.uint8)
    assert psnr(hr + 1, hr, protocol="green-free") == pytest.approx(20 * np.log10(1020))


def test_an_id_never_changes_its_meaning() -> None:
    register_protocol(get_protocol("y-matlab@1"))
    with pytest.raises(SrbenchError, match="'y-matlab@1' exists with other parameters"):
        register_protocol(Protocol(name="y-matlab", shave=0))


def test_an_unknown_name_is_answered_with_the_nearest() -> None:
    with pytest.raises(SrbenchError, match="unknown protocol 'y-matlb'; did you mean y-matlab"):
        get_protocol("y-matlb")


def test_entry_points_bring_protocols(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "theirs_protocols.py").write_text(
        "from srbench.metrics import Protocol\nALL = [Protocol(name='theirs', shave=6)]\n", encoding="utf-8"
    )
    about = tmp_path / "theirs-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: theirs\nVersion: 1.0\n", encoding="utf-8")
    (about / "entry_points.txt").write_text("[srbench.protocols]\npkg = theirs_protocols:ALL\n", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    PROTOCOLS.reload()
    try:
        assert get_protocol("Theirs@1").shave == 6
    finally:
        monkeypatch.undo()
        PROTOCOLS.reload()


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": "Has Spaces"},
        {"name": "a", "shave": -1},
        {"name": "a", "window": 7},
        {"name": "a", "peak": 0},
        {"name": "a", "shave": "scale-6"},
    ],
)
def test_wrong_parameters_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Protocol.model_validate(wrong)


@pytest.mark.parametrize("size", [3, 7, 8, 11])
def test_windows_sum_to_one_and_are_symmetric(size: int) -> None:
    for window in (SsimParameters(size=size), SsimParameters(window="uniform", size=size, sigma=None)):
        weights = np.array(window.weights())
        assert weights.sum() == pytest.approx(1.0, abs=1e-15)
        np.testing.assert_allclose(weights, weights[::-1])
