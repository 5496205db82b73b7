"""Any set of quantities of one image: built-in ones in one pass, a plugin's beside them."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from srbench.errors import SrbenchError
from srbench.metrics import get_protocol, protocols, score
from srbench.metrics.measure import measure_image
from srbench.quantities import QUANTITIES, Quantity, get_quantity, image_quantities, quantities, register_quantity

HR = np.random.default_rng(0).integers(0, 256, (40, 48, 3), dtype=np.uint8)
SR = np.clip(HR.astype(int) + 3, 0, 255).astype(np.uint8)
PROTOCOL = get_protocol("y-matlab")


def test_psnr_and_ssim_come_from_one_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[int] = []
    one_pass = protocols.score_values

    def counted(*arguments: object) -> dict[str, float]:
        calls.append(1)
        return one_pass(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(protocols, "score_values", counted)
    found = measure_image(SR, HR, 4, PROTOCOL, image_quantities())
    expected = score(SR, HR, 4, PROTOCOL)
    assert found == {"psnr": expected.psnr, "ssim": expected.ssim}
    assert len(calls) == 1


def test_one_of_them_alone_is_the_same_number() -> None:
    assert measure_image(SR, HR, 4, PROTOCOL, [get_quantity("psnr")])["psnr"] == score(SR, HR, 4, PROTOCOL).psnr


def brightness(sr: NDArray[np.uint8], _scale: int, _protocol: object) -> float:
    """A quantity without a reference."""
    return float(sr.mean())


def test_a_quantity_of_a_plugin_is_measured_beside_them() -> None:
    with QUANTITIES.scoped():
        register_quantity(Quantity("brightness", "Brightness", "sr", brightness))
        found = measure_image(SR, HR, 4, PROTOCOL, image_quantities(["ssim", "brightness"]))
    assert list(found) == ["ssim", "brightness"]
    assert found["brightness"] == pytest.approx(SR.mean())


def test_a_quantity_that_fails_is_named() -> None:
    broken = Quantity("broken", "Broken", "sr+hr", lambda *_: 1 / 0)
    with pytest.raises(SrbenchError, match="quantity 'broken' raised ZeroDivisionError"):
        measure_image(SR, HR, 4, PROTOCOL, [broken])
    nothing = Quantity("nothing", "Nothing", "sr", lambda *_: float("nan"))
    with pytest.raises(SrbenchError, match="quantity 'nothing' gave NaN"):
        measure_image(SR, HR, 4, PROTOCOL, [nothing])


def test_every_convention_has_its_quantities_and_no_name_comes_twice() -> None:
    names = [quantity.name for quantity in quantities()]
    assert {"macs", "macs:fvcore", "activations:ntire-hooks", "convs:torch", "depth", "runtime"} < set(names)
    assert len(names) == len(set(names))


def test_a_cost_is_no_quantity_of_images() -> None:
    with pytest.raises(SrbenchError, match="'macs' is measured on a network"):
        image_quantities(["psnr", "macs"])


def test_the_name_of_a_count_cannot_be_taken() -> None:
    with pytest.raises(SrbenchError, match="'macs:fvcore' is that of a counting convention"):
        register_quantity(Quantity("macs:fvcore", "Mine", "network", brightness))
