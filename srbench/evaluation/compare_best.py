"""Which of a comparison's figures are the best."""

from __future__ import annotations

from collections.abc import Sequence

from srbench.evaluation.compare import Shown
from srbench.quantities import get_quantity


def best_of(shown: Sequence[Shown]) -> set[tuple[str, str, str]]:
    """Which figures are the best of theirs as printed, as (model's name, "whole" or "crop", name of the quantity).

    Equal prints share the mark; a single model has none.
    """
    found: set[tuple[str, str, str]] = set()
    for part in ("whole", "crop"):
        scored = [(one.name, quality) for one in shown if (quality := getattr(one, part)) is not None]
        for name in dict.fromkeys(name for _, quality in scored for name in quality.values):
            quantity = get_quantity(name)
            values = [(model, quantity.rounded(quality.values[name])) for model, quality in scored]
            best = [(model, v) for model, v in values if not any(quantity.better(other, v) for _, other in values)]
            if len(values) > 1 and quantity.direction != "none":
                found |= {(model, part, name) for model, _ in best}
    return found
