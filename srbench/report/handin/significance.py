"""Pairs of methods compared on every set of images that both were measured on, and the sentence for the paper."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from srbench.datasets.facts import dataset_title
from srbench.errors import SrbenchError, unknown_name
from srbench.leaderboard.paired_tests import PairedTest, holm, paired_test
from srbench.quantities import Quantity
from srbench.results.record import QualityRecord

_PREFERRED = ("released", "user", "not needed", "bundled", "none")


@dataclass(frozen=True)
class Compared:
    """Method ``a`` against ``b`` on one set of images; ``corrected`` is p after Holm over all comparisons made."""

    a: QualityRecord
    b: QualityRecord
    quantity: Quantity
    test: PairedTest
    corrected: float
    comparisons: int

    @property
    def sentence(self) -> str:
        """For the paper: which is better, by how much, and whether the images show it."""
        gap, unit = self.test.difference, f" {self.quantity.unit}" if self.quantity.unit else ""
        digits = self.quantity.digits + 1
        a_leads = (gap.mean >= 0) != (self.quantity.direction == "lower")
        first, second = (self.a, self.b) if a_leads else (self.b, self.a)
        wins = gap.better if gap.mean >= 0 else gap.worse  # images on which the sign is that of the mean
        low, high = sorted((gap.low, gap.high) if gap.mean >= 0 else (-gap.low, -gap.high))
        many = f", Holm over {self.comparisons} comparisons" if self.comparisons > 1 else ""
        where = f"{dataset_title(self.a.dataset.name)} (×{self.a.scale}, {gap.images} images)"
        p = p_text(self.corrected) if self.corrected < 0.0001 else f"= {p_text(self.corrected)}"
        if gap.mean == 0.0:
            return f"On {where}, {_in_words(first)} and {_in_words(second)} have the same mean {self.quantity.title}."
        shown = "significant" if self.corrected < 0.05 else "not significant"
        return (
            f"On {where}, {_in_words(first)} is better than {_in_words(second)} by {abs(gap.mean):.{digits}f}{unit} "
            f"{self.quantity.title} (95% interval {low:.{digits}f} to {high:.{digits}f}), on {wins} of {gap.images} "
            f"images; the difference is {shown} at 5% (paired permutation test, p {p}{many})."
        )


def p_text(p: float) -> str:
    """A p value as papers write it.

    >>> p_text(0.0312), p_text(0.00001)
    ('0.031', '≤ 0.0001')
    """
    return f"{p:.3f}" if p >= 0.001 else f"{p:.4f}" if p >= 0.0001 else "≤ 0.0001"


def title(record: QualityRecord) -> str:
    """The method as tables name it."""
    return f"{record.model.title}{record.apart}{'‡' if record.weights.origin == 'bundled' else ''}"


def _names(record: QualityRecord) -> tuple[str, str]:
    apart = record.apart
    return f"{record.model.name}{apart}".lower(), f"{record.model.title}{apart}".lower()


def _in_words(record: QualityRecord) -> str:
    ours = " (trained by srbench)" if record.weights.origin == "bundled" else ""
    return f"{record.model.title}{record.apart}{ours}"


def of_method(records: Sequence[QualityRecord], name: str) -> list[QualityRecord]:
    """Results of a method: by name (``imdn``) or by its weights (``imdn.bundled``); authors' weights go before ours.

    Raises:
        SrbenchError: there is none.
    """
    exact = [record for record in records if name.lower() == record.weights.name.lower()]
    named = [record for record in records if name.lower() in _names(record)]
    found = exact or named
    if not found:
        raise unknown_name("method of these results", name, {record.model.name for record in records})
    return sorted(found, key=lambda record: (_PREFERRED.index(record.weights.origin), record.created))


def compare_all(methods: Sequence[Sequence[QualityRecord]], quantity: Quantity) -> list[Compared]:
    """Every pair of methods on every set of images, scale and protocol that both have; p corrected over all of them.

    Raises:
        SrbenchError: two methods share no images, or an image's value is infinite.
    """
    found: list[tuple[QualityRecord, QualityRecord, PairedTest]] = []
    for one, other in combinations(methods, 2):
        shared = _shared(one, other, quantity)
        if not shared:
            raise SrbenchError(
                f"{title(one[0])} and {title(other[0])} share no images on which {quantity.title} was measured under "
                "one protocol; measure both on one dataset with srbench run or srbench eval-images."
            )
        found += [(a, b, paired_test(_values(a, quantity), _values(b, quantity))) for a, b in shared]
    corrected = holm([test.p for _, _, test in found])
    return [Compared(a, b, quantity, test, p, len(found)) for (a, b, test), p in zip(found, corrected, strict=True)]


def _key(record: QualityRecord) -> tuple[object, ...]:
    return record.scale, record.dataset.sha256, record.protocol_id, tuple(row.image for row in record.images)


def _shared(
    one: Sequence[QualityRecord], other: Sequence[QualityRecord], quantity: Quantity
) -> list[tuple[QualityRecord, QualityRecord]]:
    """The first of each method for every set of images that both have."""
    first: dict[tuple[object, ...], QualityRecord] = {}
    second: dict[tuple[object, ...], QualityRecord] = {}
    for records, into in ((one, first), (other, second)):
        for record in records:
            if all(quantity.name in row.values for row in record.images):
                into.setdefault(_key(record), record)
    return [(first[key], second[key]) for key in first if key in second]


def _values(record: QualityRecord, quantity: Quantity) -> list[float]:
    found = [row.value(quantity.name) for row in record.images]
    if any(value is None or math.isinf(value) for value in found):
        raise SrbenchError(f"{title(record)} equals HR on an image, so its {quantity.title} there is infinite.")
    return [value for value in found if value is not None]
