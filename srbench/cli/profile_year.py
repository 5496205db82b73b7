"""The row of a challenge's own table: its columns, counting conventions, units and digits, from its rules."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from srbench.errors import SrbenchError, unknown_name
from srbench.quantities import DEFAULT_CONVENTION

if TYPE_CHECKING:
    from srbench.cost.batch import Row
    from srbench.cost.count import CountResult
    from srbench.cost.profile import Profile
    from srbench.rules import Column, Rules

OWN_FORMATS = ("table", "json", "ntire")
"""Formats of ``profile`` itself; the others are registered ones, and those of a challenge of one year."""
_UNITS = {"": 1.0, "K": 1e3, "M": 1e6, "G": 1e9}
_COUNTED = ("macs", "activations", "convs")


class Figures(NamedTuple):
    """Counts of one form of a network under one convention."""

    macs: int
    activations: int
    convs: int


@dataclass(frozen=True)
class Line:
    """One form of a network, for one row of a table."""

    title: str
    params: int
    counts: Mapping[str, Figures]


def rules_of(fmt: str) -> Rules | None:
    """The rules that a format names, ``ntire-2024`` or ``ntire2024-esr`` or a rules.toml; None for all others.

    Raises:
        SrbenchError: neither, or more than one challenge of that name and year.
    """
    from srbench.report.formats import FORMATS
    from srbench.rules import RULES, get_rules

    if fmt in OWN_FORMATS or fmt in FORMATS:
        return None

    if fmt.endswith(".toml") or fmt in RULES:
        return get_rules(fmt)
    named = re.fullmatch(r"([a-z]+)-?(\d{4})", fmt.lower())
    found = [name for name in RULES.names() if named and name.partition("-")[0] == "".join(named.groups())]
    if len(found) > 1:
        raise SrbenchError(f"the format '{fmt}' is not one: expected one of {', '.join(found)}.")
    if not found:
        raise unknown_name(
            "format", fmt, [*dict.fromkeys([*OWN_FORMATS, *FORMATS.names()]), *map(_short, RULES.names())]
        )
    return RULES.get(found[0])


def _short(name: str) -> str:
    return re.sub(r"^([a-z]+)(\d{4})-.*", r"\1-\2", name)


def conventions_of(rules: Rules) -> tuple[str, ...]:
    """The counting conventions that the columns of a challenge need."""
    parts = [_parts(column) for column in rules.columns]
    return tuple(dict.fromkeys(convention for quantity, convention in parts if quantity in _COUNTED))


def lines_of_profile(one: Profile) -> list[Line]:
    """The network as its code builds it, which is what organisers count; then its other forms."""
    own = Line(one.title, one.params.params, _figures(one.counts))
    lines = [own]
    if one.deployment is not None:
        as_built = Line(one.title, one.deployment.training_params, _figures(one.deployment.training_form))
        lines = [as_built, Line(f"{one.title} (deployed)", own.params, own.counts)]
    if one.inference is not None:
        lines.append(Line(f"{one.title} (what infers)", one.inference_params, _figures(one.inference)))
    return lines


def lines_of_row(row: Row) -> list[Line]:
    """The same of a network of a repository."""
    forms = {form.form: Line(f"{row.label} ({form.form})", form.params, _by_name(form.counts)) for form in row.forms}
    own = Line(row.label, row.params, _by_name(row.counts))
    as_built = forms.pop("for training", None)
    if as_built is None:
        return [own, *forms.values()]
    deployed = Line(f"{row.label} (deployed)", own.params, own.counts)
    return [Line(row.label, as_built.params, as_built.counts), deployed, *forms.values()]


def table_of(rules: Rules, lines: Iterable[Line]) -> tuple[list[str], list[list[str]]]:
    """(header, rows): the columns that the challenge shows; a dash for what counting does not measure."""
    columns = [column for column in rules.columns if column.shown]
    return ["Model", *(c.title for c in columns)], [[line.title, *(_cell(c, line) for c in columns)] for line in lines]


def sizes_of(rules: Rules) -> tuple[tuple[int, int], ...]:
    """The LR sizes (height, width) at which the challenge counts."""
    return tuple(dict.fromkeys(column.input_size for column in rules.columns if column.input_size is not None))


def _cell(column: Column, line: Line) -> str:
    quantity, convention = _parts(column)
    if quantity == "params":
        value = float(line.params)
    elif quantity in _COUNTED:
        value = float(getattr(line.counts[convention], quantity))
    else:
        return "-"
    return f"{value / _UNITS[column.unit]:.{column.digits}f}"


def _parts(column: Column) -> tuple[str, str]:
    quantity, _, convention = column.quantity.partition(":")
    return quantity, convention or DEFAULT_CONVENTION


def _figures(counts: Mapping[str, CountResult]) -> dict[str, Figures]:
    return {name: Figures(int(c.macs), int(c.activations), int(c.num_conv)) for name, c in counts.items()}


def _by_name(counts: Sequence[tuple[str, int, int, int, int]]) -> dict[str, Figures]:
    return {name: Figures(macs, activations, convs) for name, macs, activations, convs, _ in counts}
