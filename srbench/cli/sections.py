"""Options of a verb in sections, so that a long --help can be read."""

from __future__ import annotations

import click

_SECTIONS: dict[str, tuple[str, ...]] = {
    "Models": (
        "models", "model_files", "checkpoints", "model", "weights", "baseline", "arguments", "input_range", "order",
        "size_multiple", "root", "shims", "key", "no_strict", "repo", "published", "ours", "networks", "entries",
    ),
    "Images": (
        "image", "images", "scale", "scales", "dataset", "datasets", "data", "lr", "limit", "exclude", "validate",
        "validate_limit", "crops", "crop_size", "size", "sizes",
    ),
    "Measuring": (
        "protocol", "protocols", "quantities", "convention", "conventions", "no_runtime", "rounds", "passes", "warm",
        "self_ensemble", "layers", "cross_check", "preset", "no_roofline", "fps", "measure", "most", "runs", "recheck",
    ),
    "Computing": (
        "device", "devices", "precision", "precisions", "workers", "threads", "timeout", "shard", "executor", "address",
        "tile", "overlap", "memory", "backend", "backends", "formats", "allocators", "isolation", "seed", "steps",
        "force", "dry_run", "every", "check", "update", "visuals", "fresh",
    ),
    "Output": (
        "results", "out", "output", "fmt", "html", "no_html", "save_images", "as_json", "strict", "label", "caption",
        "wide", "width", "height", "style", "digits", "marks", "layout", "columns", "no_cite", "titles", "highlight",
        "full_precision", "validate_every", "checkpoint_every", "view", "repository", "serve", "port",
    ),
}  # fmt: skip
_SECTION_OF = {name: section for section, names in _SECTIONS.items() for name in names}
OTHERS = "Others"


class Sectioned(click.Command):
    """A command whose options stand in sections by what they are about."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Models, images, measuring, computing, output, then the others."""
        rows: dict[str, list[tuple[str, str]]] = {name: [] for name in (*_SECTIONS, OTHERS)}
        for param in self.get_params(ctx):
            record = param.get_help_record(ctx) if isinstance(param, click.Option) else None
            if record is not None:
                rows[_SECTION_OF.get(param.name or "", OTHERS)].append(record)
        for name, records in rows.items():
            if records:
                with formatter.section(name):
                    formatter.write_dl(records)
