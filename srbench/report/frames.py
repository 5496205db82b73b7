"""Results as pandas DataFrames: the public edge. Inside, records and dataclasses are passed on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from srbench.errors import SrbenchError
from srbench.quantities import CONVENTIONS, counted_as

if TYPE_CHECKING:
    import pandas as pd


def load_results(folder: str | Path = "srbench-results") -> pd.DataFrame:
    """Everything that a results folder holds, one row per result, as ``srbench run --format csv`` has it.

    Columns: model, weights, scale, dataset, protocol ..., one per measured quantity of images (exact; None where
    infinite), then the costs of the row. ``attrs["skipped"]`` names the files that are no results, with the reason,
    ``attrs["apart"]`` the results that cannot be believed (:mod:`srbench.results.trust`), and why.

    Raises:
        SrbenchError: there is no such folder.
    """
    import pandas as pd

    from srbench.report.tables import rows
    from srbench.results import trust
    from srbench.results.words import doubt_sentences

    if not Path(folder).is_dir():
        raise SrbenchError(f"there is no folder '{folder}'; give the one that srbench run --results wrote.")
    read = trust.read(folder)
    frame: pd.DataFrame = pd.DataFrame(rows(read.results))
    frame.attrs["skipped"] = [(str(path), reason) for path, reason in read.skipped]
    frame.attrs["apart"] = [(str(one.path), doubt_sentences(one)) for one in read.apart]
    return frame


def profile(models: Any, scale: int = 4, size: str = "720p", conventions: Sequence[str] | None = None) -> pd.DataFrame:
    """What networks cost at one size, one row per model; no weights, no arithmetic.

    Args:
        models: one or several of what :func:`srbench.open_model` takes.
        scale: factor between LR and HR.
        size: '720p' and the like for HR, or HEIGHTxWIDTH for LR.
        conventions: how to count (``srbench list conventions``); default: all.

    Returns:
        ``model``, ``scale``, ``lr_height``, ``lr_width``, ``params``, ``macs``, ``activations`` and ``convs`` under
        each convention (``macs:fvcore`` ...), ``depth``, ``memory`` [bytes].

    Raises:
        SrbenchError: an unknown model, scale, size or convention, or a network that fails.
    """
    import pandas as pd

    from srbench.cost.conventions import check_conventions
    from srbench.cost.input_size import parse_size
    from srbench.cost.profile import profile as profile_one
    from srbench.cost.source import open_network
    from srbench.models import find_card

    names = check_conventions(CONVENTIONS.names() if conventions is None else conventions)
    several = models if isinstance(models, (list, tuple)) else [models]
    found = [profile_one(open_network(find_card(model), scale), parse_size(size, scale), names) for model in several]
    frame: pd.DataFrame = pd.DataFrame(
        {
            "model": one.name,
            "scale": one.scale,
            "lr_height": one.input_size[0],
            "lr_width": one.input_size[1],
            "params": one.params.params,
            **{counted_as("macs", name): one.counts[name].macs for name in names},
            **{counted_as("activations", name): one.counts[name].activations for name in names},
            **{counted_as("convs", name): one.counts[name].num_conv for name in names},
            "depth": one.counts[names[0]].depth,
            "memory": one.memory.total_bytes,
        }
        for one in found
    )
    return frame


def audit(papers: Iterable[str] | None = None, kinds: Iterable[str] | None = None) -> pd.DataFrame:
    """The findings about published tables, the gravest first, one row each, as ``srbench audit --json`` has them.

    Raises:
        SrbenchError: an unknown paper or kind.
    """
    import pandas as pd

    from srbench.leaderboard import audit as checks

    frame: pd.DataFrame = pd.DataFrame([finding.as_dict() for finding in checks.run(papers, kinds).findings])
    return frame
