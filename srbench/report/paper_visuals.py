"""The visual comparisons of a paper's report: computed when asked for, since they run the models."""

from __future__ import annotations

from dataclasses import dataclass

from srbench.errors import SrbenchError
from srbench.report.specs import Spec, VisualSpec


@dataclass(frozen=True)
class PaperVisual:
    """A comparison of a report: the strip of crops for the paper's page, and the page with the slider.

    ``missing`` says on the page why there is none; ``reason`` is the whole error, for who makes the site.
    """

    spec: VisualSpec
    file: str
    strip: str = ""
    page: str = ""
    missing: str = ""
    reason: str = ""

    @property
    def command(self) -> str:
        """The command that makes the same comparison."""
        return command_of(self.spec)


def command_of(spec: VisualSpec) -> str:
    """``srbench compare`` with the options of ``spec``."""
    return f"srbench compare --image {spec.image} --models {','.join(spec.models)} --scale {spec.scale}"


def visuals(spec: Spec, compute: bool) -> tuple[PaperVisual, ...]:
    """The comparisons of ``spec``; without ``compute`` only what they are and how to make them.

    An image or weights that cannot be had leave a sentence instead of the comparison.
    """
    return tuple(_visual(spec.name, visual, compute) for visual in spec.visuals)


def _visual(report: str, spec: VisualSpec, compute: bool) -> PaperVisual:
    file = f"visuals/{report}-{spec.id}.html"
    if not compute:
        return PaperVisual(spec, file, missing="Not made with this site (srbench report --visuals runs the models).")
    from srbench.evaluation import compare
    from srbench.evaluation.compare_source import open_source
    from srbench.models.registry import get_card
    from srbench.report import visual_page

    try:
        cards = tuple(get_card(name) for name in spec.models)
        source = open_source(spec.image, None, spec.scale)
        made = compare.compare(compare.Request(cards=cards, scale=spec.scale, command=command_of(spec)), source)
    except SrbenchError as error:
        return PaperVisual(
            spec, file, missing="Could not be made: its image or weights were not at hand.", reason=str(error)
        )
    return PaperVisual(spec, file, visual_page.strip(made), visual_page.html(made))
