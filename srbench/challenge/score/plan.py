"""What the scorer has to know, as data that travels in ``plan.json``: how to measure, what to publish, the limits."""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Literal

SCHEMA = "srbench.challenge.score/1"
MIB = 1 << 20


class PlanError(Exception):
    """A plan that cannot be used: the organiser's error."""


@dataclass(frozen=True)
class Plane:
    """One plane that is measured: ``offset + sum(coefficients * RGB)`` for RGB in [0, 255]."""

    coefficients: tuple[float, float, float]
    offset: float = 0.0


@dataclass(frozen=True)
class Measure:
    """A protocol of srbench at one scale, spelled out in numbers.

    ``window`` is SSIM's window along one axis (symmetric, sums to 1); ``covariance_factor`` is 1 or N/(N-1).
    """

    protocol: str
    planes: tuple[Plane, ...]
    border: int
    peak: float
    window: tuple[float, ...]
    c1: float
    c2: float
    covariance_factor: float = 1.0
    rounded: bool = False

    @property
    def smallest_side(self) -> int:
        """Shortest side of an image [px] that leaves one window after shaving."""
        return 2 * self.border + len(self.window)


@dataclass(frozen=True)
class Limits:
    """What a submission may use at most; beyond it the reading stops."""

    archive_bytes: int = 4096 * MIB
    entries: int = 5000
    directory_bytes: int = 4 * MIB
    """Of a zip's central directory, read before anything is unpacked."""
    total_bytes: int = 4096 * MIB
    file_bytes: int = 64 * MIB
    ratio: float = 100.0
    """Unpacked over packed bytes of one file, where it is larger than 1 MiB."""
    name_characters: int = 200
    depth: int = 4
    readme_bytes: int = MIB
    chunks: int = 50_000
    """Of one PNG; an encoder with 8 kB per chunk writes about 1000 for a 2K image."""
    ancillary_chunks: int = 1000


@dataclass(frozen=True)
class Column:
    """A published number: its key on the platform, and which value it is.

    ``value`` is the name of one of :data:`MEASURED`, one of :data:`DECLARED`, or the key of a score of the plan.
    """

    key: str
    value: str
    title: str = ""
    direction: Literal["lower", "higher"] = "higher"
    digits: int = 4


@dataclass(frozen=True)
class Measured:
    """A value that the scorer measures itself, as its own page and messages show it."""

    name: str
    title: str
    unit: str
    digits: int

    def text(self, value: float, infinite: str, *, with_unit: bool = True) -> str:
        """The value as it is shown; ``infinite`` where it is, since the images are equal.

        >>> Measured("psnr", "PSNR", "dB", 4).text(27.5, "equal")
        '27.5000 dB'
        """
        if not math.isfinite(value):
            return infinite
        return f"{value:.{self.digits}f} {self.unit if with_unit else ''}".rstrip()


MEASURED = (Measured("psnr", "PSNR", "dB", 4), Measured("ssim", "SSIM", "", 6))
"""The first orders submissions; the others may be left out, since they take most of the time."""
MEASURED_NAMES = tuple(one.name for one in MEASURED)
DECLARED_NAMES = ("runtime", "cpu", "extra_data", "params", "macs")
DECLARED = tuple(f"declared_{name}" for name in DECLARED_NAMES)
VALUES = (*MEASURED_NAMES, *DECLARED)

COLUMNS = (
    Column("psnr", "psnr", "PSNR (dB)"),
    Column("ssim", "ssim", "SSIM"),
    Column("declared_runtime", "declared_runtime", "Declared runtime (s)", "lower"),
    Column("declared_cpu", "declared_cpu", "Declared CPU (1) or GPU (0)", "lower", 0),
    Column("declared_extra_data", "declared_extra_data", "Declared extra data", "lower", 0),
)


@dataclass(frozen=True)
class Part:
    """One summand of a score: ``weight * exp(factor * value / baseline)``; in s, M, G."""

    value: str
    weight: float
    factor: float
    baseline: float


@dataclass(frozen=True)
class DeclaredScore:
    """A score of the rules over values that the readme declares; its logarithm is published under ``key``."""

    key: str
    title: str
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class Plan:
    """Everything about one challenge that scoring needs."""

    rules: str
    title: str
    scale: int
    measure: Measure
    columns: tuple[Column, ...] = COLUMNS
    scores: tuple[DeclaredScore, ...] = ()
    stems: tuple[str, ...] = ()
    """Names of all references, so that a missing one is noticed; empty where they are not known."""
    equal_to_reference: Literal["note", "fail"] = "note"
    """What an image that equals its reference is: only suspicious, or invalid."""
    limits: Limits = field(default_factory=Limits)

    def to_json(self) -> str:
        """The plan as text for ``plan.json``; numbers come back exactly."""
        return json.dumps({"schema": SCHEMA, **asdict(self)}, indent=1, ensure_ascii=True, allow_nan=False) + "\n"


def plan_from_json(text: str) -> Plan:
    """Read a plan written by :meth:`Plan.to_json`.

    Raises:
        PlanError: no JSON, another schema, or fields that are missing or unknown.
    """
    try:
        data = json.loads(text)
        if data.pop("schema", None) != SCHEMA:
            raise PlanError(f"the plan is not of schema {SCHEMA}; write the bundle again.")
        measure = dict(data["measure"])
        planes = tuple(Plane(tuple(p["coefficients"]), p["offset"]) for p in measure.pop("planes"))
        measure["window"] = tuple(measure["window"])
        data["measure"] = Measure(planes=planes, **measure)
        data["columns"] = tuple(Column(**column) for column in data["columns"])
        data["stems"] = tuple(data["stems"])
        data["scores"] = tuple(
            DeclaredScore(s["key"], s["title"], tuple(Part(**part) for part in s["parts"]))
            for s in data.get("scores", ())
        )
        data["limits"] = Limits(**data["limits"])
        plan = Plan(**data)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise PlanError(
            f"the plan cannot be read ({type(error).__name__}: {error}); write the bundle again."
        ) from error
    known = (*VALUES, *(score.key for score in plan.scores))
    unknown = [str(column.value) for column in plan.columns if column.value not in known]
    if unknown:
        raise PlanError(f"the plan's columns want {', '.join(unknown)}; known are {', '.join(known)}.")
    return plan


def with_limits(limits: Limits, changes: dict[str, Any]) -> Limits:
    """``limits`` with some of them changed by name.

    Raises:
        PlanError: there is no such limit.
    """
    known = {each.name for each in fields(Limits)}
    unknown = sorted(set(changes) - known)
    if unknown:
        raise PlanError(f"no limit is called {', '.join(unknown)}; known are {', '.join(sorted(known))}.")
    return Limits(**{**asdict(limits), **changes})
