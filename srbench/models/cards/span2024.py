"""Cards of the SPAN family (Wan et al., CVPR workshops 2024)."""

from __future__ import annotations

from typing import Any

from srbench.models.card import ModelCard
from srbench.models.releases import File, Repository

_NTIRE_2026 = Repository("Amazingren/NTIRE2026_ESR", "4592ce6db68b395699f13e7e2a4e3baf317ef1c6", "MIT")
_NTIRE_2024 = Repository("Amazingren/NTIRE2024_ESR", "6404fa48dde4a4adbf241a51debdc661aef20449", "MIT")


def _card(
    name: str,
    title: str,
    params: dict[int, int],
    repository: Repository,
    files: dict[int, File],
    note: str = "",
    **arguments: Any,
) -> ModelCard:
    return ModelCard(
        name=name,
        title=title,
        paper="span2024",
        year=2024,
        scales=tuple(params),
        network="srbench.models.span2024:SPAN",
        arguments=arguments,
        params=params,
        weights=repository.weights(files, key_map="srbench.models.span2024:released_keys"),
        code_licence="Apache-2.0",
        family="span",
        variant_of=None if name == "span" else "span",
        blocks=("SPAB<-span2024", "pixel-shuffle<-espcn2016"),
        note=note,
    )


CARDS: tuple[ModelCard, ...] = (
    _card(
        "span",
        "SPAN",
        {4: 150_688},
        _NTIRE_2026,
        {
            4: (
                "model_zoo/team00_SPAN.pth",
                618658,
                "6c80f05048313289c6526e5fc9726688d7bb3dfdd6ae3c8b1e7dd09f601e5971",
            ),
        },
        "The fused form; the weights are the baseline of NTIRE 2024 to 2026, not those of the paper's tables.",
    ),
    _card(
        "span-tiny",
        "SPAN-tiny",
        {4: 130_828},
        _NTIRE_2024,
        {
            4: (
                "model_zoo/team39_spantiny_ch26_slim.pth",
                538017,
                "30bf224aee5d3fb9cbc7a3bf164a294f957f65c45f5b271052947097922040a5",
            ),
        },
        "The fused form; an entry of NTIRE 2024.",
        channels=26,
    ),
)
