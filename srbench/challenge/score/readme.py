"""The readme of a results submission: what participants declare about themselves. Never ranked on."""

from __future__ import annotations

import codecs
import math
import re
from dataclasses import dataclass

from srbench.challenge.score.verdict import Note, printable

_LABELS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("runtime", ("runtime", "run time", "time per image", "seconds per image")),
    ("cpu", ("cpu", "gpu")),
    ("extra_data", ("extra data", "extra-data", "extradata", "external data")),
    ("params", ("params", "parameters", "#params", "number of parameters")),
    ("macs", ("flops", "gflops", "macs", "gmacs", "multi-adds", "mult-adds", "multiply-adds")),
    ("description", ("description",)),
)
_POSITIONS = ("runtime", "cpu", "extra_data", "description")
_NUMBER = re.compile(r"[-+]?(?:\d+(?:[.,]\d*)?|[.,]\d+)(?:[eE][-+]?\d+)?")
_UNITS = {"": 1.0, "s": 1.0, "sec": 1.0, "secs": 1.0, "second": 1.0, "seconds": 1.0, "ms": 1e-3, "min": 60.0}
_PREFIXES = {"k": 1e3, "m": 1e6, "g": 1e9, "b": 1e9, "t": 1e12}
_LONGEST_RUNTIME = 1e6
_UNIT_BEHIND = re.compile(
    r"\s*(?:([kmgt])(?![a-z])|([kmgt])(?=flop|mac|param|mult)|(m)illion|(b)illion)", re.IGNORECASE
)
_UNIT_IN_LABEL = re.compile(r"[\[(]\s*([kmgt])(?![a-z])|(?<![a-z])([kmgt])(?=flop|mac)", re.IGNORECASE)
_MOST = 1e6
"""Of parameters in millions, and multiply-adds in billions."""
_LONGEST_DESCRIPTION = 2000


@dataclass(frozen=True)
class Declared:
    """What a readme says; None where it does not, or cannot be understood.

    ``runtime`` is in seconds per image; ``cpu`` and ``extra_data`` are 1 or 0; ``params`` are in millions, ``macs`` in
    billions.
    """

    runtime: float | None = None
    cpu: int | None = None
    extra_data: int | None = None
    description: str = ""
    params: float | None = None
    macs: float | None = None


def parse_readme(data: bytes) -> tuple[Declared, tuple[Note, ...]]:
    """Read a readme by its labels, and by position where a label is missing; never raises.

    The order of the organisers' parser is runtime, CPU/GPU, extra data, description, over the lines that hold a colon.

    >>> parse_readme(b"runtime per image [s] : 10,43 s\\nCPU[1] / GPU[0] : 0\\nExtra Data [1] : 1\\n")[0]
    Declared(runtime=10.43, cpu=0, extra_data=1, description='', params=None, macs=None)
    """
    text = _decoded(data)
    if text is None:
        return Declared(), (Note("readme", "the readme is not text; its values are taken as not declared"),)
    values, labels, notes = _by_label(text)
    found: dict[str, float | None] = {}
    for key, label in (("runtime", "runtime"), ("cpu", "CPU/GPU"), ("extra_data", "extra data")):
        found[key], problem = _runtime(values.get(key)) if key == "runtime" else _flag(values.get(key))
        if problem:
            notes.append(Note("readme", f"{label} is taken as not declared: {problem}"))
    for key, unit in (("params", 1e6), ("macs", 1e9)):  # none of the organisers' lines, so nothing is missed
        found[key], problem = _amount(labels.get(key, ""), values.get(key), unit)
        if problem:
            notes.append(Note("readme", f"{key} are taken as not declared: {problem}"))
    cpu, extra = found["cpu"], found["extra_data"]
    description = printable_lines(values.get("description", ""))
    return (
        Declared(
            found["runtime"],
            None if cpu is None else int(cpu),
            None if extra is None else int(extra),
            description,
            found["params"],
            found["macs"],
        ),
        tuple(notes),
    )


def declared_text(declared: Declared) -> str:
    """The values in one line, with what is not declared.

    >>> declared_text(Declared(runtime=0.0077, cpu=0, params=0.276))
    'runtime 0.0077 s, on a GPU, parameters 0.276 M; not declared: extra data'
    """
    shown = {
        "runtime": f"runtime {declared.runtime:.6g} s" if declared.runtime is not None else "",
        "CPU or GPU": ("on a GPU", "on a CPU")[declared.cpu] if declared.cpu is not None else "",
        "extra data": ("no extra data", "extra data")[declared.extra_data] if declared.extra_data is not None else "",
    }
    more = [f"parameters {declared.params:.6g} M"] if declared.params is not None else []
    more += [f"multiply-adds {declared.macs:.6g} G"] if declared.macs is not None else []
    known = ", ".join([*filter(None, shown.values()), *more]) or "nothing"
    lacking = ", ".join(name for name, text in shown.items() if not text)
    return f"{known}; not declared: {lacking}" if lacking else known


def printable_lines(text: str) -> str:
    """A description for people: lines kept, other control characters dropped, cut when long."""
    kept = "".join(c if c.isprintable() or c == "\n" else " " for c in text.replace("\r\n", "\n"))
    return kept.strip()[:_LONGEST_DESCRIPTION]


def _decoded(data: bytes) -> str | None:
    """Text in UTF-8, UTF-16 with a mark, or Latin-1; None for anything binary."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        try:
            return data.decode("utf-16")
        except UnicodeDecodeError:
            return None
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("latin-1")
    strange = sum(1 for c in text if not c.isprintable() and c not in "\r\n\t\f\v")
    return None if strange * 50 > len(text) else text


def _by_label(text: str) -> tuple[dict[str, str], dict[str, str], list[Note]]:
    """Values and labels by field: lines with a known label first, then those left over by their position."""
    lines = [line for line in text.splitlines() if ":" in line]
    fields = [_field_of(line.partition(":")[0]) for line in lines]
    values: dict[str, str] = {}
    labels: dict[str, str] = {}
    notes = [_no_colon(line) for line in text.splitlines() if ":" not in line and _assigns(line)]
    for number, line in enumerate(lines):
        key = fields[number]
        if key and key not in values:
            values[key] = _rest_of(text, line) if key == "description" else line.partition(":")[2].strip()
            labels[key] = line.partition(":")[0].strip()
    for number, key in enumerate(_POSITIONS):
        if key not in values and number < len(lines) and fields[number] is None:
            values[key] = lines[number].partition(":")[2].strip()
            label = printable(lines[number].partition(":")[0].strip())
            notes.append(Note("readme", f"line '{label}' is read as {key.replace('_', ' ')}, by its position"))
    return values, labels, notes


def _assigns(line: str) -> bool:
    """Whether a line has a known label with "=" in the place of the colon."""
    label, equals, _ = line.partition("=")
    field = _field_of(label) if equals else None
    return field is not None and field != "description"


def _no_colon(line: str) -> Note:
    label, _, value = line.partition("=")
    written = f"{printable(label.strip())} : {printable(value.strip())}"
    return Note("readme", f"line '{printable(line.strip())}' is not read; write '{written}'")


def _rest_of(text: str, line: str) -> str:
    """A description goes on to the end of the readme."""
    return text[text.index(line) :].partition(":")[2].strip()


def _field_of(label: str) -> str | None:
    words = " ".join(label.lower().split())
    for key, names in _LABELS:
        if len(words) <= 80 and any(re.search(rf"(?<![a-z]){re.escape(name)}(?![a-z])", words) for name in names):
            return key
    return None


def _runtime(text: str | None) -> tuple[float | None, str]:
    """Seconds, and what is wrong with them."""
    if not text:
        return None, "no value is given"
    match = _NUMBER.match(text)
    unit = text[match.end() :].strip().lower().rstrip(".") if match else ""
    unit = re.split(r"[\s/(,;]", unit)[0].strip("[]()") if unit else ""
    if match is None or unit not in _UNITS:
        return None, f"'{printable(text)}' is no number of seconds"
    value = float(match.group().replace(",", ".")) * _UNITS[unit]
    if not (math.isfinite(value) and 0.0 < value <= _LONGEST_RUNTIME):
        return None, f"'{printable(text)}' is outside of 0 to {_LONGEST_RUNTIME:.0f} s"
    return value, ""


def _amount(label: str, text: str | None, unit: float) -> tuple[float | None, str]:
    """A count in units of ``unit``, and what is wrong with it. Its own unit is behind the number or in the label.

    >>> _amount("#Params [M]", "0.276", 1e6), _amount("Parameters", "276 K", 1e6), _amount("GMACs", "16,7", 1e9)
    ((0.276, ''), (0.276, ''), (16.7, ''))
    """
    if not text:
        return None, "" if text is None else "no value is given"
    match = _NUMBER.match(text)
    if match is None:
        return None, f"'{printable(text)}' is no number"
    unit_of = _UNIT_BEHIND.match(text[match.end() :]) or _UNIT_IN_LABEL.search(label)
    letter = next(filter(None, unit_of.groups())).lower() if unit_of else ""
    number = float(match.group().replace(",", "."))
    if not letter and number < 1000.0:
        return None, f"'{printable(text)}' has no unit; write 0.276 M, 16.7 G, or the whole number"
    value = number * (_PREFIXES.get(letter, 1.0) / unit)
    if not (math.isfinite(value) and 0.0 < value <= _MOST):
        return None, f"'{printable(text)}' is outside of what networks have"
    return value, ""


def _flag(text: str | None) -> tuple[float | None, str]:
    """0 or 1, and what is wrong with it."""
    if not text:
        return None, "no value is given"
    match = re.match(r"\[?([01])\]?(?![\d.,])", text)
    return (float(match.group(1)), "") if match else (None, f"'{printable(text)}' is neither 0 nor 1")
