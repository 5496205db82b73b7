"""A quantity: what is measured, in which unit, which way is better, from what, and by which function."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args

from srbench.errors import SrbenchError
from srbench.plugins import import_attribute, require_function, require_name
from srbench.quantities.aggregation import MEAN, Aggregation
from srbench.quantities.number_text import STYLES

if TYPE_CHECKING:
    from srbench.quantities.perceptual import PerceptualProtocol

Direction = Literal["higher", "lower", "none"]
Needs = Literal["sr+hr", "sr", "set", "network", "timing"]
Style = Literal["fixed", "count", "giga", "mega", "mebibytes", "whole"]


@dataclass(frozen=True)
class NetworkSubject:
    """What a quantity that needs a network is measured on.

    ``network`` is a ``torch.nn.Module`` in eval mode on ``device``; ``input_size`` the (height, width) of the LR image;
    ``shape`` what the network is given, (1, channels, h, w).
    """

    network: Any
    scale: int
    input_size: tuple[int, int]
    shape: tuple[int, int, int, int]
    device: str = "cpu"


@dataclass(frozen=True)
class Quantity:
    """Something that can be measured; put it into :data:`srbench.quantities.QUANTITIES`.

    ``needs`` says what ``measure`` is given, and what it is measured for:

    ============  =============================================================================================
    ``sr+hr``     ``measure(sr, hr, scale, protocol)``: uint8 arrays of equal shape; one value per image
    ``sr``        ``measure(sr, scale, protocol)``: one uint8 SR image, no reference; one value per image
    ``set``       ``measure()`` makes an object with ``add(sr, hr)`` and ``value()``; one value per dataset
    ``network``   ``measure(subject)`` with a :class:`NetworkSubject`; one value per network and input size
    ``timing``    the same, but it runs the network: measured alone on its device, and left out on request
    ============  =============================================================================================

    All of them return a float. ``measure`` is a function or a lazy reference "module:function", so that listing a
    quantity imports nothing. ``together`` is one function that gives several quantities in one pass, as a mapping by
    name; it is called instead of their own ``measure``, so that a value does not depend on what else is asked for.
    ``plausible`` is the range of stored values that can be believed, both ends included.
    """

    name: str
    title: str
    needs: Needs
    measure: Callable[..., Any] | str
    unit: str = ""
    digits: int = 2
    direction: Direction = "none"
    aggregate: Aggregation = MEAN
    style: Style = "fixed"
    together: str = ""
    convention: str = ""
    description: str = ""
    settings: PerceptualProtocol | None = None
    plausible: tuple[float, float] = (-math.inf, math.inf)

    def __post_init__(self) -> None:
        """Refuse what could not be measured or shown.

        Raises:
            SrbenchError: a name with spaces, commas or capitals, an unknown ``needs``, ``direction`` or ``style``,
                digits that are no number, or a ``measure`` that is neither a function nor a reference to one.
        """
        require_name("quantity", self.name, lower=True)
        whose = f"quantity '{self.name}'"
        for field, known in (("needs", Needs), ("direction", Direction), ("style", Style)):
            if getattr(self, field) not in get_args(known):
                expected = ", ".join(get_args(known))
                raise SrbenchError(f"{whose}: {field} is {getattr(self, field)!r}; expected one of {expected}.")
        if isinstance(self.digits, bool) or not isinstance(self.digits, int) or not 0 <= self.digits <= 15:
            raise SrbenchError(f"{whose}: digits is {self.digits!r}; expected a whole number from 0 to 15.")
        if not isinstance(self.title, str) or not isinstance(self.unit, str):
            raise SrbenchError(f"{whose}: title is {self.title!r} and unit {self.unit!r}; expected two texts.")
        if not isinstance(self.aggregate, Aggregation):
            raise SrbenchError(f"{whose}: aggregate is {self.aggregate!r}; expected an Aggregation, such as MEAN.")
        require_function(f"{whose}: measure", self.measure)

    @property
    def of_images(self) -> bool:
        """Whether it is a matter of SR images (and so of a protocol and a dataset), not of the network's cost."""
        return self.needs in ("sr+hr", "sr", "set")

    @property
    def heading(self) -> str:
        """Title with its unit: ``PSNR [dB]``."""
        return f"{self.title} [{self.unit}]" if self.unit else self.title

    def text(self, value: float | None) -> str:
        """A value as tables print it; an en dash for none.

        >>> Quantity("psnr", "PSNR", "sr+hr", "m:f", unit="dB").text(32.2104)
        '32.21'
        """
        return STYLES[self.style](value, self.digits)

    @property
    def stored_per_unit(self) -> float:
        """What a stored value is divided by to be in ``unit``: memory is stored in bytes and printed in MiB.

        >>> Quantity("memory", "Memory", "network", "m:f", unit="MiB", style="mebibytes").stored_per_unit
        1048576.0
        """
        return 2.0**20 if self.style == "mebibytes" else 1.0

    def rounded(self, value: float) -> float:
        """The value as far as it is printed, so that what reads the same ties."""
        return value if math.isinf(value) or self.style != "fixed" else round(value, self.digits)

    def better(self, a: float, b: float) -> bool:
        """Whether ``a`` is better than ``b``; never where no direction is better."""
        return (a > b) if self.direction == "higher" else (a < b) if self.direction == "lower" else False

    def function(self) -> Callable[..., Any]:
        """The measuring function, imported if it is a reference.

        Raises:
            SrbenchError: the module cannot be imported or has no such function.
        """
        return self.measure if callable(self.measure) else import_attribute(self.measure)
