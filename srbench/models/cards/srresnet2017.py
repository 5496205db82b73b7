"""Card of MSRResNet, the challenges' SRResNet (after Ledig et al., CVPR 2017)."""

from __future__ import annotations

from srbench.models.card import ModelCard

CARDS: tuple[ModelCard, ...] = (
    ModelCard(
        name="srresnet",
        title="MSRResNet",
        paper="srresnet2017",
        year=2017,
        scales=(2, 3, 4),
        network="srbench.models.srresnet2017:MSRResNet",
        params={2: 1_369_859, 3: 1_554_499, 4: 1_517_571},
        family="srresnet",
        blocks=("residual-block<-edsr2017", "pixel-shuffle<-espcn2016"),
        note="The challenges' baseline without batch normalisation; 'SRResNet' in AIDN's tables. Its parameters "
        "equal those of EDSR-baseline by coincidence: one 3x3 stands at HR instead of LR.",
    ),
)
