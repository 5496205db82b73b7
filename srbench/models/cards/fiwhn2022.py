"""Card of FIWHN (Li et al., IEEE Transactions on Multimedia 2024)."""

from __future__ import annotations

from typing import Any

from srbench.models.card import ModelCard
from srbench.models.releases import File, Repository

_REPOSITORY = Repository("IVIPLab/FIWHN", "b6f5def25c3bef172415cde0837afef4b34be3a8", "unstated")


def _card(
    name: str, title: str, params: dict[int, int], files: dict[int, File], note: str = "", **arguments: Any
) -> ModelCard:
    return ModelCard(
        name=name,
        title=title,
        paper="fiwhn2022",
        year=2022,
        scales=tuple(params),
        network="srbench.models.fiwhn2022:FIWHN",
        arguments=arguments,
        params=params,
        weights=_REPOSITORY.weights(files, key_map="srbench.models.fiwhn2022:released_keys"),
        code_licence="unstated",
        family="fiwhn",
        blocks=("WDIB<-fiwhn2022", "shuffle-attention<-sanet2021", "pixel-shuffle<-espcn2016"),
        input_range=255,
        min_size=20,
        note=note,
    )


CARDS: tuple[ModelCard, ...] = (
    _card(
        "fiwhn",
        "FIWHN",
        {2: 705_098, 3: 713_768, 4: 725_906},
        {
            2: (
                "experiments/model_best_x2.pt",
                2994030,
                "07a9f7eab5930af00dc750f9d1aa607881285a923dccb8ad7b1ad2d61b9c3624",
            ),
            3: (
                "experiments/model_best_x3.pt",
                3028718,
                "27aad7530cb17f8089f59f77517223de36885091105af9d2e712d8db8567b26e",
            ),
            4: (
                "experiments/model_best_x4.pt",
                3077358,
                "b0f3d3aae70b4338e31f0f7019db2cde1f73ae85b4e85f70839efdfb0455d5c3",
            ),
        },
        "Trained on DIV2K; re-trained weights, 0.01 to 0.02 dB from the paper. Run in overlapping quadrants, as by its "
        "authors. At x2 and x3 not all parameters are read. Checked by the names and shapes in its files alone.",
    ),
)
