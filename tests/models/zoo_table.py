"""The table of every registered model's parameters and MACs, computed beside published, equal or explained."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch

from srbench.cost.count import count
from srbench.leaderboard import published
from srbench.models.networks import build_network
from srbench.models.registry import cards, get_card
from srbench.paths import reports_dir

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

HR = (720, 1280)
HOOKS, MACS, FVCORE = "ntire-hooks", "macs", "fvcore"
QUANTITIES = ("params", "macs", "macs_per_pixel")


def _toml(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


EXACT = _toml(Path(__file__).parent / "exact_counts.toml")
EXPLANATIONS: list[dict[str, Any]] = _toml(reports_dir() / "zoo_explanations.toml")["explanation"]


@dataclass(frozen=True)
class Computed:
    """What is computed for one model at one scale; costs in MACs."""

    params: int
    weights: int
    at_256: dict[str, Any]
    at_720p: dict[str, Any]
    scale: int

    @property
    def per_hr_pixel(self) -> float:
        """MACs of the challenge's convention per HR pixel, at LR 256x256."""
        return float(self.at_256[HOOKS].macs / (256 * self.scale) ** 2)

    def candidates(self, quantity: str) -> list[float]:
        """The values a printed one may equal."""
        if quantity == "params":
            return [self.params]
        if quantity == "macs":
            return [self.at_256[HOOKS].macs, self.at_256[FVCORE].macs, self.at_256[MACS].macs]
        return [self.per_hr_pixel]

    def at_hr_area(self) -> list[float]:
        """Convolutions' cost scaled by area to exactly 1280x720 HR pixels, with transposed ones at input or output."""
        factor = HR[0] * HR[1] / (256 * self.scale) ** 2
        return [self.at_256["torch"].macs * factor, self.at_256[HOOKS].macs * factor]


@dataclass(frozen=True)
class Printed:
    """One value as papers print it, and where."""

    quantity: str
    model: str
    scale: int
    value: str
    number: float
    quantum: float
    unit: str
    places: tuple[str, ...]
    papers: tuple[str, ...]


@dataclass
class Judge:
    """Gives verdicts and numbers the explanations in the order of their use."""

    computed: dict[tuple[str, int], Computed]
    used: list[int] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    def verdict(self, printed: Printed) -> str:
        """``equal``, ``explained (n)`` or ``NEITHER``; the last is also noted as a failure."""
        own = self.computed[printed.model, printed.scale]
        if any(_rounds_to(c, printed) for c in own.candidates(printed.quantity)):
            return "equal"
        for number, explanation in enumerate(EXPLANATIONS):
            if _concerns(explanation, printed):
                wrong = self._check(explanation, printed)
                if wrong:
                    break
                if number not in self.used:
                    self.used.append(number)
                return f"explained ({self.used.index(number) + 1})"
        else:
            wrong = "no explanation"
        self.failures.append(f"{printed.model} x{printed.scale} {printed.quantity} {printed.value}: {wrong}")
        return "NEITHER"

    def _check(self, explanation: dict[str, Any], printed: Printed) -> str:
        """Empty when the explanation's arithmetic holds (or it has none), else what does not."""
        other = self.computed[explanation.get("as_model", printed.model), printed.scale]
        if "divisor" in explanation:
            wanted, tolerance = (
                printed.number * explanation["divisor"],
                0.5e8 + printed.quantum * explanation["divisor"],
            )
            holds = any(abs(c - wanted) <= tolerance for c in other.at_hr_area())
        elif "per_lr_pixel" in explanation:
            value = explanation["per_lr_pixel"] / printed.scale**2 + explanation.get("per_hr_pixel", 0)
            holds = _rounds_to(value, printed)
        elif explanation.get("weights_only"):
            holds = _rounds_to(other.weights, printed)
        elif explanation.get("cut"):
            holds = any(0 <= c - printed.number < printed.quantum for c in other.candidates(printed.quantity))
        elif "as_model" in explanation:
            holds = any(_rounds_to(c, printed) for c in other.candidates(printed.quantity))
        else:
            holds = True
        return "" if holds else f"its explanation does not hold: {explanation['reason']}"


def _rounds_to(value: float, printed: Printed) -> bool:
    return abs(value - printed.number) <= printed.quantum / 2 * (1 + 1e-9)


def _concerns(explanation: dict[str, Any], printed: Printed) -> bool:
    return (
        explanation["quantity"] == printed.quantity
        and printed.model in explanation["models"]
        and printed.scale in explanation["scales"]
        and set(printed.papers) <= set(explanation.get("papers", printed.papers))
        and printed.value in explanation.get("values", [printed.value])
    )


def compute(name: str, scale: int) -> Computed:
    """Count model ``name`` at LR 256x256 and at the papers' LR of HR 1280x720, without arithmetic."""
    card = get_card(name)
    with torch.device("meta"):
        network = build_network(card, scale)
    lr_of_hr = (round(HR[0] / scale), round(HR[1] / scale))
    kwargs = {"channels": card.channels, "scale": scale, "pre_upsampled": card.pre_upsampled}
    return Computed(
        params=sum(p.numel() for p in network.parameters()),
        weights=sum(p.numel() for p in network.parameters() if p.dim() > 1),
        at_256=count(network, (256, 256), **kwargs),
        at_720p=count(network, lr_of_hr, conventions=(MACS, FVCORE), **kwargs),
        scale=scale,
    )


def all_computed() -> dict[tuple[str, int], Computed]:
    """Every registered network of srbench itself, at every scale."""
    ours = [card for card in cards() if card.network and card.network.startswith("srbench.")]
    return {(card.name, s): compute(card.name, s) for card in ours for s in card.scales}


def all_printed() -> list[Printed]:
    """Printed parameters and costs of registered networks; equal digits of one model and scale are joined."""
    frame = published.load()
    frame = frame[frame.metric.isin(QUANTITIES) & frame.number.notna() & (frame.model != "")]
    found = []
    for (quantity, model, scale, value), rows in frame.groupby(["metric", "model", "scale", "value"], sort=False):
        places = dict.fromkeys(f"{paper} {table}" for paper, table in zip(rows.paper, rows.table, strict=True))
        first = rows.iloc[0]
        found.append(
            Printed(
                quantity=quantity,
                model=model,
                scale=int(scale),
                value=value,
                number=float(first.number),
                quantum=float(first.quantum),
                unit=first.unit,
                places=tuple(places),
                papers=tuple(dict.fromkeys(rows.paper)),
            )
        )
    return found


def exact(section: str, name: str, scale: int) -> Any:
    """The recomputed reference of a model and scale, or None."""
    return EXACT[section].get(name, {}).get(str(scale))


def exact_failures(computed: dict[tuple[str, int], Computed]) -> list[str]:
    """Where a computed count is not the recomputed one, to the last digit."""
    failures = []
    for (name, scale), own in computed.items():
        expected: dict[str, tuple[Any, Any]] = {"params": (own.params, exact("params", name, scale))}
        at = own.at_256
        giga = {c: round(at[c].macs / 1e9, 4) for c in (HOOKS, FVCORE, "torch")}
        cost = [giga[HOOKS], giga[FVCORE], giga["torch"], round(at[MACS].activations / 1e6, 4), at[MACS].num_conv]
        expected["cost"] = (cost, exact("cost", name, scale))
        expected["hooks"] = (giga[HOOKS], exact("hooks", name, scale))
        expected["fvcore_720p"] = (round(own.at_720p[FVCORE].macs / 1e9, 4), exact("fvcore_720p", name, scale))
        for what, (got, wanted) in expected.items():
            if wanted is not None and got != wanted:
                failures.append(f"{name} x{scale} {what}: computed {got}, expected {wanted}")
    return failures


def _giga(macs: int, digits: int = 4) -> str:
    return f"{macs / 1e9:,.{digits}f}"


def _rows(judge: Judge, printed: list[Printed], quantity: str) -> Iterator[str]:
    for (name, scale), own in judge.computed.items():
        here = [p for p in printed if (p.quantity, p.model, p.scale) == (quantity, name, scale)]
        if quantity == "params":
            reference = exact("params", name, scale)
            values = [f"{own.params:,}", "" if reference is None else f"{reference:,}"]
        elif quantity == "macs":
            reference = (exact("cost", name, scale) or [exact("hooks", name, scale)])[0]
            hr = _giga(own.at_720p[MACS].macs, 1)
            values = [_giga(own.at_256[HOOKS].macs), _giga(own.at_256[MACS].macs), hr]
            values.append("" if reference is None else f"{reference:.4f}")
        else:
            reference, values = None, [f"{own.per_hr_pixel / 1000:,.1f}K"]
            if not here:
                continue
        said = "; ".join(f"{p.value} ({', '.join(p.places)})" for p in here)
        verdicts = [judge.verdict(p) for p in here]
        if reference is not None and "equal" not in verdicts:
            verdicts.insert(0, "equal")
        verdict = ", ".join(dict.fromkeys(verdicts)) or "nothing published"
        yield f"| {name} | x{scale} | {' | '.join(values)} | {said} | {verdict} |"


_HEADS = {
    "params": "| model | scale | computed | recomputed reference | published | verdict |\n|---|---|--:|--:|---|---|",
    "macs": "| model | scale | LR 256x256, hooks [G] | LR 256x256, macs [G] | HR 1280x720, macs [G] "
    "| reference, hooks [G] | published | verdict |\n|---|---|--:|--:|--:|--:|---|---|",
    "macs_per_pixel": "| model | scale | computed | published | verdict |\n|---|---|--:|---|---|",
}
_TITLES = {"params": "Parameters", "macs": "Multiply-accumulates", "macs_per_pixel": "MACs per HR pixel"}
_INTRO = """# Parameters and MACs of every registered model

Written by `SRBENCH_UPDATE=1 pytest tests/models/test_zoo_table.py`, and compared by the same test without the variable.
Computed: parameters of the network, and MACs counted on it by `srbench.cost` under the conventions `ntire-hooks` (the
challenges' module hooks) and `macs` (every MAC). Reference: counts recomputed elsewhere, met to the last digit.
Published: the value as printed, and where. A verdict is *equal* (to the digits printed) or *explained*, with the number
of the reason below; reasons marked * were checked by arithmetic. What needs no network (bicubic) has no row.
"""


def _reasons(judge: Judge) -> Iterable[str]:
    plain = {"quantity", "models", "scales", "papers", "values", "reason"}
    for position, number in enumerate(judge.used, start=1):
        explanation = EXPLANATIONS[number]
        star = "\\*" if set(explanation) - plain else ""
        yield f"{position}. {star}{explanation['reason']}"


def render() -> tuple[str, list[str]]:
    """The page as Markdown, and everything that is neither equal nor explained."""
    judge, printed = Judge(all_computed()), all_printed()
    parts = [_INTRO]
    for quantity in QUANTITIES:
        rows = "\n".join(_rows(judge, printed, quantity))
        parts.append(f"## {_TITLES[quantity]}\n\n{_HEADS[quantity]}\n{rows}\n")
    parts.append("## Reasons\n\n" + "\n".join(_reasons(judge)) + "\n")
    unused = [e["reason"] for number, e in enumerate(EXPLANATIONS) if number not in judge.used]
    failures = judge.failures + exact_failures(judge.computed) + [f"never used: {reason}" for reason in unused]
    missing = {p.model for p in printed} - {name for name, _ in judge.computed}
    failures += [f"{name} is published but has no network" for name in sorted(missing)]
    return "\n".join(parts), failures
