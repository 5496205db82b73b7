"""How ``srbench profile`` prints: tables with the field's names and rounding, and JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from srbench.cli import profile_year

if TYPE_CHECKING:
    from srbench.cost.count import CountResult
    from srbench.cost.crosscheck import CrossCheck
    from srbench.cost.profile import Profile
    from srbench.rules import Rules

Rows = Sequence[Sequence[str]]

NTIRE_COLUMNS = (
    "Model", "Val PSNR", "Test PSNR", "Val Time [ms]", "Test Time [ms]", "Ave Time [ms]",
    "Params [M]", "FLOPs [G]", "Acts [M]", "Mem [M]", "Conv",
)  # fmt: skip


def grid(header: Sequence[str], rows: Rows, fmt: str = "table", text_columns: Sequence[int] = (0,)) -> str:
    """A table as text: aligned columns, or any registered format; all but ``text_columns`` to the right."""
    if fmt != "table":
        return _exported(header, rows, fmt, text_columns)
    widths = [max(len(line[i]) for line in [header, *rows]) for i in range(len(header))]

    def aligned(line: Sequence[str]) -> str:
        to_the_left = {*text_columns, len(line) - 1} if header[-1].startswith("why") else text_columns
        cells = (
            text.ljust(w) if i in to_the_left else text.rjust(w)
            for i, (text, w) in enumerate(zip(line, widths, strict=True))
        )
        return "  ".join(cells).rstrip()

    return "\n".join([aligned(header), "  ".join("-" * w for w in widths), *(aligned(row) for row in rows)])


def _exported(header: Sequence[str], rows: Rows, fmt: str, text_columns: Sequence[int]) -> str:
    """The table in a format of the registry, whose rows are as printed."""
    from srbench.report.formats import FORMATS, Export
    from srbench.report.grid import Block, Grid, plain

    align = "".join("l" if index in text_columns else "r" for index in range(len(header)))
    blocks = (Block("", tuple(tuple(map(plain, row)) for row in rows)),)
    table = Grid("", tuple(header), align, blocks)
    mappings = tuple(dict(zip(header, row, strict=True)) for row in rows)
    export = Export("srbench.profile.table/1", mappings, (table,), columns=tuple(header))
    return FORMATS.get(fmt).text(export).rstrip("\n")


def summary(profiles: Sequence[Profile], fmt: str | Rules) -> str:
    """One line per model, or the lines of a challenge's own table."""
    if not isinstance(fmt, str):
        lines = [line for one in profiles for line in profile_year.lines_of_profile(one)]
        return grid(*profile_year.table_of(fmt, lines))
    if fmt == "ntire":
        return _ntire(profiles)
    names = list(profiles[0].counts)
    header = ["Model", "LR size", "Form", "Params [K]", *(f"{_title(n)} [G]" for n in names)]
    header += ["Acts [M]", "Conv", "Depth", "Weights [MiB]", "Memory [MiB]"]
    rows = []
    for one in profiles:
        first = next(iter(one.counts.values()))
        row = [one.title, f"{one.input_size[0]}x{one.input_size[1]}", one.measured, f"{one.params.params / 1e3:,.3f}"]
        row += [_giga(one.counts[name]) for name in names]
        row += [f"{first.activations / 1e6:,.6f}", str(first.num_conv), str(first.depth)]
        row += [f"{one.memory.weights_bytes / 2**20:,.2f}", f"{one.memory.total_bytes / 2**20:,.1f}"]
        rows.append(row)
        if one.deployment is not None:
            rows.append(_training_row(one, names))
        if one.inference is not None:
            rows.append(_form_row(one, "what infers", one.inference_params, one.inference, names))
    return grid(header, rows, fmt)


def _title(convention: str) -> str:
    return "MACs" if convention == "macs" else convention


def _giga(result: CountResult) -> str:
    if result.lower_bound:
        return f">={result.macs / 1e9:,.6f}"
    return f"{result.macs / 1e9:,.6f}" + ("*" if result.uncounted else "")


def _training_row(one: Profile, names: Sequence[str]) -> list[str]:
    """The line of the form that ``deploy()`` replaces; its memory is not measured."""
    form = one.deployment.training_form if one.deployment is not None else {}
    params = one.deployment.training_params if one.deployment is not None else 0
    return _form_row(one, "for training", params, form, names)


def _form_row(one: Profile, form: str, params: int, counts: dict[str, CountResult], names: Sequence[str]) -> list[str]:
    """The line of another form of a network; its memory is not measured."""
    first = counts[names[0]]
    row = [one.title, f"{one.input_size[0]}x{one.input_size[1]}", form, f"{params / 1e3:,.3f}"]
    row += [_giga(counts[name]) for name in names]
    return [*row, f"{first.activations / 1e6:,.6f}", str(first.num_conv), str(first.depth), "-", "-"]


def _ntire(profiles: Sequence[Profile]) -> str:
    """The challenge's own columns and rounding; what counting does not measure is a dash."""
    rows = []
    for one in profiles:
        result = next(iter(one.counts.values()))
        costs = (one.params.params / 1e6, result.macs / 1e9, result.activations / 1e6)
        rows.append(
            [
                one.title,
                "-",
                "-",
                "-",
                "-",
                "-",
                f"{costs[0]:.3f}",
                f"{costs[1]:.2f}",
                f"{costs[2]:.2f}",
                "-",
                str(result.num_conv),
            ]
        )
    return grid(NTIRE_COLUMNS, rows, "table")


def layer_table(one: Profile, fmt: str) -> str:
    """A row per layer and operator with its share of the MACs."""
    result = next(iter(one.counts.values()))
    header = ["Layer", "Operator", "Calls", "Output", "Params", "MACs [M]", "share", "Acts [K]"]
    rows = []
    for row in result.layers:
        share = row.macs / result.macs if result.macs else 0.0
        rows.append(
            [
                row.name or "(network)",
                row.op,
                str(row.calls) if row.calls else "-",
                "x".join(str(n) for n in row.output_shape) or "-",
                f"{row.params:,}",
                f"{row.macs / 1e6:,.3f}",
                f"{share:.1%}",
                f"{row.activations / 1e3:,.1f}",
            ]
        )
    return f"{one.title}, {result.convention}:\n" + grid(header, rows, fmt)


def cross_check_table(one: Profile, check: CrossCheck, fmt: str) -> str:
    """Our counts beside the libraries' own, per operator, with the reason where they differ."""
    header = ["Operator", "macs", "fvcore preset", "fvcore", "ptflops", "why they differ"]
    rows = [
        [
            row.operator,
            f"{row.macs:,}",
            f"{row.fvcore_preset:,}",
            f"{row.fvcore:,}",
            f"{row.ptflops:,}",
            row.why or "they agree",
        ]
        for row in check.operators
    ]
    totals = [
        sum(values)
        for values in zip(*((r.macs, r.fvcore_preset, r.fvcore, r.ptflops) for r in check.operators), strict=True)
    ]
    modules = "failed" if check.ptflops_modules is None else f"{check.ptflops_modules:,}"
    rows.append(["total", *(f"{n:,}" for n in totals), f"ptflops by module hooks: {modules}"])
    size = f"{check.input_size[0]}x{check.input_size[1]}"
    return f"{one.title}, a real pass at LR {size}:\n" + grid(header, rows, fmt)


def as_json(
    found: Sequence[tuple[Profile, CrossCheck | None]], failures: Sequence[tuple[str, str]], layers: bool
) -> dict[str, Any]:
    """Everything, under the field's key names."""
    return {
        "models": [_profile_json(one, check, layers) for one, check in found],
        "failures": [{"model": name, "error": sentence} for name, sentence in failures],
    }


def _counts_json(result: CountResult, layers: bool) -> dict[str, Any]:
    values: dict[str, Any] = {
        "convention": result.convention,
        "input_size": list(result.input_size),
        "macs": result.macs,
        "activations": result.activations,
        "num_conv": result.num_conv,
        "depth": result.depth,
        "uncounted": result.uncounted,
        "lower_bound": result.lower_bound,
    }
    if layers:
        values["layers"] = [asdict(row) for row in result.layers]
    return values


def _profile_json(one: Profile, check: CrossCheck | None, layers: bool) -> dict[str, Any]:
    values: dict[str, Any] = {
        "model": one.name,
        "title": one.title,
        "scale": one.scale,
        "measured": one.measured,
        **asdict(one.params),
        "counts": [_counts_json(result, layers) for result in one.counts.values()],
        "memory": {"input_size": list(one.input_size), **asdict(one.memory)},
        "notes": list(one.notes),
        "problems": list(one.problems),
    }
    if one.deployment is not None:
        values["training_form"] = {
            "params": one.deployment.training_params,
            "difference": one.deployment.difference,
            "counts": [_counts_json(result, layers) for result in one.deployment.training_form.values()],
        }
    if one.inference is not None:
        values["inference_form"] = {
            "params": one.inference_params,
            "counts": [_counts_json(result, layers) for result in one.inference.values()],
        }
    reason = next(iter(one.counts.values())).trace.real_pass
    values["real_pass"] = asdict(reason) if reason is not None else None
    if check is not None:
        values["cross_check"] = {**asdict(check), "preset_agrees": check.preset_agrees}
    return values
