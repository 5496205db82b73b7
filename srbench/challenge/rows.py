"""Measured entries as rows of the rules' columns, in their units."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from srbench.challenge.entries import DatasetResult, EntryResult, ResultsFile
from srbench.challenge.timing import Policy, pooled, runtime
from srbench.rules import Column, Rules
from srbench.rules.ranking import Reason, Row

_FACTORS = {"": 1, "K": 10**3, "M": 10**6, "G": 10**9, "MiB": 2**20, "dB": 1, "ms": 1, "s": 1000}
"""A stored value divided by this is in the column's unit; times are stored in ms, memory in bytes."""


def rows_of(results: ResultsFile, rules: Rules, policy: Policy) -> tuple[Row, ...]:
    """All entries of a results file, the baseline as a reference row."""
    return tuple(row_of(entry, rules, policy, entry.id == results.baseline) for entry in results.entries)


def row_of(entry: EntryResult, rules: Rules, policy: Policy, reference: bool = False) -> Row:
    """One entry: what was measured, or why nothing can be ranked."""
    reasons = tuple(Reason("invalid", detail=text) for text in entry.reasons) if entry.status != "measured" else ()
    values: dict[str, Decimal] = {}
    for column in rules.columns:
        value = _value(entry, rules, column, policy)
        if value is not None:
            values[column.key] = Decimal(repr(value)) / _FACTORS[column.unit]
    add_means(values, rules)
    return Row(entry.id, entry.title, values, reference, reasons)


def add_means(values: dict[str, Decimal], rules: Rules) -> None:
    """Fill in columns that are means of others, of those parts that are there (see :func:`unmeasured`)."""
    for column in rules.columns:
        parts = [values[key] for key in column.mean_of if key in values]
        if column.key not in values and parts:
            values[column.key] = sum(parts, Decimal(0)) / len(parts)


def _value(entry: EntryResult, rules: Rules, column: Column, policy: Policy) -> float | None:
    """The stored value of a column: ms, bytes, dB or a count."""
    if column.quantity == "runtime":
        return _time(entry, rules, column, policy)
    if column.quantity in entry.values:
        return entry.values[column.quantity]
    found = _dataset(entry, column.dataset)
    return found.values.get(column.quantity) if found is not None else None


def _time(entry: EntryResult, rules: Rules, column: Column, policy: Policy) -> float | None:
    names = [dataset.id for dataset in rules.datasets]
    measured = [found for name in names if (found := _dataset(entry, name)) is not None and found.runs]
    if column.dataset:
        found = _dataset(entry, column.dataset)
        return runtime(found, policy, bool(measured) and found is measured[0]) if found is not None else None
    if column.mean_of and not policy.pooled:
        return None
    return pooled(measured, policy) if measured else None


def _dataset(entry: EntryResult, name: str) -> DatasetResult | None:
    return next((found for found in entry.datasets if found.dataset == name), None)


def unmeasured(rows: Sequence[Row], rules: Rules) -> tuple[str, ...]:
    """What is said about means that lack a part in every row."""
    notes = []
    for column in rules.columns:
        absent = [key for key in column.mean_of if all(key not in row.values for row in rows)]
        if absent and any(column.key in row.values for row in rows):
            there = [key for key in column.mean_of if key not in absent]
            if there:
                notes.append(
                    f"{column.key} is the mean of {', '.join(there)} alone: {', '.join(absent)} was not measured"
                )
    return tuple(notes)
