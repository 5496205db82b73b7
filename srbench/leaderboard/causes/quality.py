"""Why a printed PSNR and SSIM are not those measured: other images, another protocol, or rounding; each computed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from srbench.leaderboard.causes.cause import UNKNOWN, Cause
from srbench.leaderboard.values import Value, rounding_that_gives, within_rounding

LR_WORDS = {"imresize": "", "double": " with LR rounded once", "files": " with LR from files"}


@dataclass(frozen=True)
class Way:
    """One way in which released weights were measured: images, LR, protocol."""

    dataset: str
    lr: str
    protocol: str

    @property
    def text(self) -> str:
        """In words: ``set5@mod12 with LR rounded once under y-matlab@1``."""
        return f"{self.dataset}{LR_WORDS.get(self.lr, '')} under {self.protocol}"


def quality_cause(
    printed: Mapping[str, Value], measured: Mapping[str, float], ways: Iterable[tuple[Way, Mapping[str, float]]]
) -> Cause:
    """Why the numbers of one row on one dataset are off; all of them must follow from one cause.

    Args:
        printed: PSNR [dB] and SSIM as printed, by metric.
        measured: ours, by metric, made as the table says.
        ways: what the same weights give on other images or under another protocol.
    """
    for way, found in ways:
        if all(m in found and within_rounding(found[m], v.number, v.quantum) for m, v in printed.items()):
            return Cause("images", way.text, f"the same weights give the printed digits on {way.text}")
    off = {m: v for m, v in printed.items() if m in measured and not within_rounding(measured[m], v.number, v.quantum)}
    if off and all(rounding_that_gives(measured[m], v.number, v.quantum) == "rounded twice" for m, v in off.items()):
        return Cause("rounded twice", "rounded twice", "the printed digits are rounded twice")
    return UNKNOWN
