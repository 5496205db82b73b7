"""Card of EFDN (Wang et al., CVPR workshops 2022)."""

from __future__ import annotations

from typing import Any

from srbench.models.card import ModelCard
from srbench.models.releases import File, Repository

_REPOSITORY = Repository("icandle/EFDN", "3e7c7b40be14fecd9c89338d92b80ec52e325626", "Apache-2.0")


def _card(
    name: str, title: str, params: dict[int, int], files: dict[int, File], note: str = "", **arguments: Any
) -> ModelCard:
    return ModelCard(
        name=name,
        title=title,
        paper="efdn2022",
        year=2022,
        scales=tuple(params),
        network="srbench.models.efdn2022:EFDN",
        arguments=arguments,
        params=params,
        weights=_REPOSITORY.weights(files, key_map="srbench.models.efdn2022:released_keys"),
        code_licence="Apache-2.0",
        family="efdn",
        variant_of=None if name == "efdn" else "efdn",
        blocks=("EFDB<-efdn2022", "ECB<-ecbsr2021", "ESA<-rfanet2020", "pixel-shuffle<-espcn2016"),
        min_size=15,
        note=note,
    )


CARDS: tuple[ModelCard, ...] = (
    _card(
        "efdn",
        "EFDN",
        {2: 260_604, 4: 276_192},
        {
            2: (
                "model_zoo/EFDNx2_baseline.pth",
                1090719,
                "6e392d63b322befaf66d7bc0e0b0427b39f58de257f43e036a6bc55b60d30785",
            ),
            4: ("model_zoo/EFDN_gv.pth", 1153119, "71069f10ef234cd123f45ac8e69099f0a1fdc0c16afcfe2189e50071d47ce477"),
        },
        "The fused form; the x4 weights are those of the NTIRE 2022 challenge.",
    ),
)
