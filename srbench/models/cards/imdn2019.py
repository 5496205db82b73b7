"""Cards of the IMDN family (Hui et al., ACM MM 2019) and of the challenge baseline made from it."""

from __future__ import annotations

from typing import Any

from srbench.models.card import ModelCard, Weights

_RELEASE = "https://raw.githubusercontent.com/Zheng222/IMDN/8f158e6a5ac9db6e5857d9159fd4a6c4214da574/checkpoints"
_NTIRE = "https://raw.githubusercontent.com/ofsoundof/NTIRE2022_ESR/e95ba4a4916bb13d6348f7ee172827e2452e8a31/model_zoo"
_KEYS = "srbench.models.imdn2019:released_keys"
_OWN = ("PRM<-imdn2019", "CCA<-imdn2019", "distillation-frame<-imdn2019", "pixel-shuffle<-espcn2016")


def _released(file: str, scale: int, size: int, sha256: str, key_map: str = _KEYS, note: str = "") -> Weights:
    return Weights(
        tag="released",
        scale=scale,
        origin="released",
        url=f"{_RELEASE}/{file}",
        bytes=size,
        sha256=sha256,
        licence="unstated",
        key_map=key_map,
        note=note,
    )


def _ablation(
    name: str, title: str, params: int, note: str, blocks: tuple[str, ...] = ("PRM<-imdn2019",), **arguments: Any
) -> ModelCard:
    return ModelCard(
        name=name,
        title=title,
        paper="imdn2019",
        year=2019,
        scales=(4,),
        network="srbench.models.imdn2019:IMDNBasic",
        arguments={"num_blocks": 4, **arguments},
        params={4: params},
        family="imdn",
        variant_of="imdn",
        blocks=(*blocks, "residual-frame<-edsr2017", "pixel-shuffle<-espcn2016"),
        note=note,
    )


_AS_LAYOUT = (
    "The bytes were not at hand when the key map was written: a file with other key names is refused, not guessed."
)

CARDS: tuple[ModelCard, ...] = (
    ModelCard(
        name="imdn",
        title="IMDN",
        paper="imdn2019",
        year=2019,
        scales=(2, 3, 4),
        network="srbench.models.imdn2019:IMDN",
        params={2: 694_404, 3: 703_059, 4: 715_176},
        weights=(
            _released("IMDN_x2.pth", 2, 2796052, "740b39653592bd3f49955a21cd9e16f2d37f2c413368cc09327601b8fbe42ce1"),
            _released("IMDN_x3.pth", 3, 2830672, "11b1716a19bc16e5e353e1db798d476169338e631eb170c82d765559888cb028"),
            _released("IMDN_x4.pth", 4, 2879112, "e660c38221147217a136debeb99eb304d62d9c0f73ac421ed66281b619719714"),
        ),
        family="imdn",
        blocks=_OWN,
    ),
    ModelCard(
        name="imdn-baseline",
        title="IMDN baseline (AIM 2020, NTIRE 2022)",
        paper="imdn2019",
        year=2020,
        scales=(4,),
        network="srbench.models.imdn2019:IMDNBasic",
        arguments={"num_blocks": 8},
        params={4: 893_936},
        weights=(
            Weights(
                tag="released",
                scale=4,
                origin="released",
                url=f"{_NTIRE}/imdn_baseline.pth",
                bytes=3589744,
                sha256="115b4cc557eba9daaf1a6543c4858014c7e2a410655aafef7c8348ae54acc203",
                licence="unstated",
                key_map="srbench.models.imdn2019:baseline_keys",
            ),
        ),
        family="imdn",
        variant_of="imdn",
        blocks=("PRM<-imdn2019", "residual-frame<-edsr2017", "pixel-shuffle<-espcn2016"),
        note="8 blocks, no CCA. Papers print its cost (58.53 G) beside the parameters of imdn (715K).",
    ),
    ModelCard(
        name="imdn-as",
        title="IMDN_AS",
        paper="imdn2019",
        year=2019,
        scales=(1, 2, 3, 4),
        network="srbench.models.imdn2019_as:IMDNAS",
        pre_upsampled=True,
        min_size=4,
        params=dict.fromkeys((1, 2, 3, 4), 752_104),
        weights=tuple(
            _released(
                "IMDN_AS.pth",
                scale,
                3027317,
                "3cbddf7635581a5a1eab501b18081e7825dcdfd53a1a7670e1e571515eae76ff",
                "srbench.models.imdn2019_as:released_keys",
                "Trained on RealSR (LR and HR of equal size), not on bicubic degradation. " + _AS_LAYOUT,
            )
            for scale in (1, 2, 3, 4)
        ),
        family="imdn",
        variant_of="imdn",
        blocks=(*_OWN, "adaptive-cropping<-imdn2019"),
        note="Any scale: LR and HR of equal size, so the LR image is enlarged by bicubic first (not at scale 1). "
        "Any height and width from 4 up, by adaptive cropping (section 3.3).",
    ),
    ModelCard(
        name="imdn-rtc",
        title="IMDN_RTC",
        paper="imdn2019",
        year=2019,
        scales=(2,),
        network="srbench.models.imdn2019:IMDNBasic",
        arguments={"channels": 12, "num_blocks": 5, "smooth_kernel": 1},
        params={2: 20_190},
        weights=(
            _released(
                "model_RTC.pth",
                2,
                90541,
                "5696ca25971477a93f2a3f3b235039e30afefff1bb560efdc48c0f880635a2ab",
                "srbench.models.imdn2019:rtc_keys",
                _AS_LAYOUT,
            ),
        ),
        family="imdn",
        variant_of="imdn",
        blocks=("PRM<-imdn2019", "residual-frame<-edsr2017", "pixel-shuffle<-espcn2016"),
        note="12 channels, 5 blocks, no CCA, a 1x1 convolution after the blocks.",
    ),
    _ablation(
        "imdn-b4-plain",
        "IMDN_B4, plain 3x3 convs",
        509_552,
        "Table 2, row 1: three 3x3 convolutions of 64 channels in the place of the PRM and its 1x1 fusion.",
        blocks=("plain-conv<-vdsr2016",),
        block="plain",
    ),
    _ablation("imdn-b4-prm", "IMDN_basic_B4", 480_176, "Table 2, row 2: PRM only.", attention="none"),
    _ablation(
        "imdn-b4-prm-cca",
        "IMDN_basic_B4 + CCA",
        482_496,
        "Table 2, row 3, and Table 3, row 2: PRM and CCA, no intermediate information collection.",
        blocks=("PRM<-imdn2019", "CCA<-imdn2019"),
        attention="cca",
    ),
    _ablation(
        "imdn-b4-prm-ca",
        "IMDN_basic_B4 + CA",
        482_496,
        "Table 3, row 1: plain channel attention (mean only) instead of CCA.",
        blocks=("PRM<-imdn2019", "CA<-rcan2018"),
        attention="ca",
    ),
    ModelCard(
        name="imdn-b4",
        title="IMDN_B4",
        paper="imdn2019",
        year=2019,
        scales=(4,),
        network="srbench.models.imdn2019:IMDN",
        arguments={"num_blocks": 4},
        params={4: 498_944},
        family="imdn",
        variant_of="imdn",
        blocks=_OWN,
        note="Table 2, row 4: PRM, CCA and intermediate information collection (IIC).",
    ),
)
