"""Tables that a page makes when they are asked for: their texts as JSON, which weighs a fraction of the markup."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from srbench.quantities import Quantity
from srbench.report.pairs import Pair
from srbench.report.templating import script_json


def table(head: Sequence[str], rows: Sequence[Sequence[str]], left: int = 1) -> Markup:
    """Headings and rows of texts for a script element of a page; the first ``left`` columns are words."""
    held = {"head": head, "left": left, "rows": rows}
    return script_json(held)


def of_pairs(quantity: Quantity, pairs: Sequence[Pair]) -> Markup:
    """The paired differences of neighbours, as ``pairs.html.j2`` shows them."""
    digits = quantity.digits + 1
    unit = quantity.unit or quantity.title
    head = ("Data", "Better", "Next", "Reading", f"Mean difference, {unit}", "95 % interval", "Better on")
    rows = [
        (
            pair.where, pair.better, pair.worse, "≈ within noise" if pair.difference.within_noise else "beyond noise",
            f"{pair.difference.mean:+.{digits}f}",
            f"[{pair.difference.low:+.{digits}f}, {pair.difference.high:+.{digits}f}]",
            f"{pair.difference.better} of {pair.difference.images}",
        )
        for pair in pairs
    ]  # fmt: skip
    return table(head, rows, left=4)
