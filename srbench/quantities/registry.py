"""Quantities by name: srbench's own, one set per counting convention, and those of plugins."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from srbench.errors import SrbenchError, unknown_name
from srbench.quantities.builtin import counted, own_quantities
from srbench.quantities.conventions import CONVENTIONS, DEFAULT_CONVENTION, Convention
from srbench.quantities.quantity import Quantity
from srbench.registry import Registry

QUANTITIES: Registry[Quantity] = Registry("quantity", Quantity, built_in=own_quantities, group="srbench.quantities")
"""What is registered itself. :func:`quantities` adds what follows from the counting conventions."""

PSNR, SSIM = DEFAULT_QUALITY = ("psnr", "ssim")
"""What the field's tables show, and so what is measured unless something else is asked for. What is about the two of
them as tables print them, such as checks of printed pairs, takes their names from here."""


def register_quantity(quantity: Quantity) -> Quantity:
    """Make a quantity known under its name, for example in a ``--plugin`` file.

    Raises:
        SrbenchError: its name is taken by another, or is that of a convention's count.
    """
    if quantity.name.lower() in {derived.name for derived in _derived()}:
        raise SrbenchError(f"quantity name '{quantity.name}' is that of a counting convention; give it another name.")
    QUANTITIES.add(quantity)
    return quantity


def quantities() -> tuple[Quantity, ...]:
    """Every quantity: srbench's own, other conventions' counts, then those of plugins."""
    return _kept().every


@dataclass(frozen=True)
class _Kept:
    """Every quantity, and what it was made from: of use as long as nothing is added to either registry."""

    registered: Mapping[str, Quantity]
    conventions: Mapping[str, Convention]
    every: tuple[Quantity, ...]
    derived: Mapping[str, Quantity]


_last: _Kept | None = None


def _kept() -> _Kept:
    global _last
    registered, conventions = QUANTITIES.items, CONVENTIONS.items
    found = _last
    if found is None or found.registered is not registered or found.conventions is not conventions:
        own = {quantity.name for quantity in own_quantities()}
        derived = _derived()
        first = [quantity for quantity in registered.values() if quantity.name in own]
        others = [quantity for quantity in registered.values() if quantity.name not in own]
        by_name = {quantity.name: quantity for quantity in derived}
        found = _last = _Kept(registered, conventions, (*first, *derived, *others), by_name)
    return found


def _derived() -> tuple[Quantity, ...]:
    others = (convention.name for convention in CONVENTIONS if convention.name != DEFAULT_CONVENTION)
    return tuple(quantity for name in others for quantity in counted(name))


def find_quantity(name: str) -> Quantity | None:
    """The quantity of exactly this name, as results store it; None where no quantity has it.

    >>> find_quantity("psnr").unit, find_quantity("of-a-package-that-is-not-here")
    ('dB', None)
    """
    return QUANTITIES.items.get(name.lower()) or _kept().derived.get(name)


def get_quantity(name: str) -> Quantity:
    """The quantity called ``name``, in upper or lower case; without its version, the newest one.

    Raises:
        SrbenchError: there is none; the message names the nearest ones.

    >>> get_quantity("PSNR").unit, get_quantity("macs:fvcore").convention, get_quantity("dists").name
    ('dB', 'fvcore', 'dists@1')
    """
    known = find_quantity(name)
    if known is not None:
        return known
    every = {quantity.name: quantity for quantity in quantities()}
    versions = [q for q in every.values() if q.settings is not None and q.settings.name == name.lower()]
    found = max(versions, key=_version) if versions else every.get(name.lower())
    if found is None:
        raise unknown_name("quantity", name, every)
    return found


def _version(quantity: Quantity) -> int:
    return quantity.settings.version if quantity.settings is not None else 0


def counted_as(name: str, convention: str) -> str:
    """The name of a counted quantity under a convention.

    >>> counted_as("macs", "macs"), counted_as("macs", "fvcore")
    ('macs', 'macs:fvcore')
    """
    return name if convention == DEFAULT_CONVENTION else f"{name}:{convention}"


def image_quantities(names: Iterable[str] = DEFAULT_QUALITY) -> tuple[Quantity, ...]:
    """The quantities of these names, all of which must be measured on images.

    Raises:
        SrbenchError: an unknown name, or one that is a cost.
    """
    found = tuple(get_quantity(name) for name in dict.fromkeys(names))
    for quantity in found:
        if not quantity.of_images:
            raise SrbenchError(f"'{quantity.name}' is measured on a network, not on images; see srbench profile.")
    return found


def parse_quantities(names: Iterable[str]) -> tuple[tuple[Quantity, ...], tuple[Quantity, ...]]:
    """(those of images, those of networks) out of a list of names, each once, in its order.

    Raises:
        SrbenchError: an unknown name.
    """
    found = tuple(get_quantity(name) for name in dict.fromkeys(names))
    return tuple(q for q in found if q.of_images), tuple(q for q in found if not q.of_images)
