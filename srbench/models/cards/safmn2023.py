"""Cards of the SAFMN challenge variants (Sun et al., ICCV 2023)."""

from __future__ import annotations

from typing import Any

from srbench.models.card import ModelCard
from srbench.models.releases import File, Repository

_COMMIT = "68c2182e4f8829a979886b0a1cab8f269f91b321"
_REPOSITORY = Repository("sunny2109/SAFMN", _COMMIT, "Apache-2.0")
_NTIRE_2023 = Repository("sunny2109/SAFMN", _COMMIT, "MIT")
"""The folder of the NTIRE 2023 entry has a licence of its own."""


def _card(
    name: str,
    title: str,
    params: dict[int, int],
    files: dict[int, File],
    note: str,
    repository: Repository = _REPOSITORY,
    **about: Any,
) -> ModelCard:
    return ModelCard(
        name=name,
        title=title,
        paper="safmn2023",
        year=2023,
        scales=tuple(params),
        params=params,
        weights=repository.weights(
            files, key="params_ema" if name == "safmnpp" else None, key_map="srbench.models.safmn2023:released_keys"
        ),
        code_licence="Apache-2.0",
        family="safmn",
        blocks=("SAFM<-safmn2023", "pixel-shuffle<-espcn2016"),
        note=note,
        **about,
    )


CARDS: tuple[ModelCard, ...] = (
    _card(
        "safmn-ntire",
        "SAFMN (NTIRE 2023)",
        {4: 237_000},
        {
            4: (
                "NTIRE2023_ESR/model_zoo/team15_SAFMN.pth",
                971051,
                "93fe3d7175ef1446cfcb3a884ddf8bbb4391f31190e9d1bf6c6c1cb768f8b565",
            ),
        },
        "Team 15 of NTIRE 2023; not the network of the ICCV paper, whose weights have no public address to pin.",
        network="srbench.models.safmn2023:ChallengeSAFMN",
        min_size=16,
        repository=_NTIRE_2023,
    ),
    _card(
        "safmnpp",
        "SAFMN++",
        {4: 211_572},
        {
            4: (
                "NTIRE2024_ESR/model_zoo/team23_safmnpp.pth",
                1715877,
                "03bf96b5a50f43123d22c3a257341d536118250f7157f12d2832915be4f52685",
            ),
        },
        "Team 23 of NTIRE 2024. The averaged weights (EMA) of the file.",
        network="srbench.models.safmn2023:SAFMNpp",
        min_size=8,
    ),
)
