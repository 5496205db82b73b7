"""Protocols of perceptual and no-reference quality: everything a figure depends on, as data with a version. No torch.

A figure of this kind is that of a network and its weights, of a range of values, of a crop, of a channel. Each of the
objects here says all of it; its id is the name of the quantity, so that a stored value says what it was made with, and
what an id means never changes.
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, computed_field


class WeightsFile(BaseModel):
    """One file that a quantity rests on, known by (the beginning of) its hash."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    sha256: str = Field(pattern=r"^[0-9a-f]{8,64}$", description="Of the file, or as much of it as is published.")
    source: str = Field(description="Where it comes from: an address, or the package that brings it.")
    licence: str = "unstated"


class PerceptualProtocol(BaseModel):
    """How one quantity is measured; ``id`` ("lpips-alex@1") is the quantity's name."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9.\-]*$")
    version: int = Field(default=1, ge=1)
    title: str
    network: str = Field(description="The network, or the statistics, that images are compared by.")
    weights: tuple[WeightsFile, ...] = ()
    package: str = Field(default="", description="Package that computes it; '' for srbench itself.")
    order: tuple[Literal["sr", "hr"], ...] = Field(description="The arguments of the measure, in its order.")
    channel: Literal["rgb", "y-rounded"] = "rgb"
    value_range: tuple[float, float] = Field(default=(0.0, 255.0), description="Of the values it is given.")
    resize: Literal["none"] = Field(default="none", description="Images are given as they are.")
    shave: Literal["scale"] | int = Field(default=0, description="Pixels taken off every side, or 'scale'.")

    @computed_field  # type: ignore[prop-decorator]
    @property
    def id(self) -> str:
        """Name and version."""
        return f"{self.name}@{self.version}"

    def border(self, scale: int) -> int:
        """Pixels shaved off every side at ``scale``."""
        return scale if self.shave == "scale" else int(self.shave)


_TORCHVISION = "https://download.pytorch.org/models/"
_ALEXNET = WeightsFile(
    name="alexnet-owt-7be5be79.pth", sha256="7be5be79", source=f"{_TORCHVISION}alexnet-owt-7be5be79.pth"
)
_VGG16 = WeightsFile(name="vgg16-397923af.pth", sha256="397923af", source=f"{_TORCHVISION}vgg16-397923af.pth")


def _lpips(key: str, short: str, network: str, backbone: WeightsFile, heads_sha256: str) -> PerceptualProtocol:
    """LPIPS 0.1 (Zhang et al., CVPR 2018) with one of its networks."""
    heads = WeightsFile(name=f"{key}.pth", sha256=heads_sha256, source="torchmetrics", licence="BSD-2-Clause")
    return PerceptualProtocol(
        name=f"lpips-{key}",
        title=f"LPIPS ({short})",
        network=f"{network} of torchvision with the linear heads of LPIPS 0.1",
        weights=(backbone, heads),
        package="torchmetrics",
        order=("sr", "hr"),
        value_range=(-1.0, 1.0),
    )


LPIPS_ALEX = _lpips(
    "alex", "AlexNet", "AlexNet", _ALEXNET, "df73285e35b22355a2df87cdb6b70b343713b667eddbda73e1977e0c860835c0"
)
LPIPS_VGG = _lpips("vgg", "VGG", "VGG16", _VGG16, "a78928a0af1e5f0fcb1f3b9e8f8c3a2a5a3de244d830ad5c1feddc79b8432868")
DISTS = PerceptualProtocol(
    name="dists",
    title="DISTS",
    network="VGG16 of torchvision with L2 pooling and the weights of DISTS",
    weights=(
        _VGG16,
        WeightsFile(
            name="weights.pt",
            sha256="f5e65c96230b7f6ca995691647d482237e4cab8a50c5c4a5784f219ef0748218",
            source="torchmetrics",
            licence="MIT",
        ),
    ),
    package="torchmetrics",
    order=("sr", "hr"),
    value_range=(0.0, 1.0),
)
NIQE_EMBEDDED = PerceptualProtocol(
    name="niqe-embedded",
    title="NIQE (embedded set)",
    network="36 natural scene statistics of 96x96 blocks at two scales, against those of the four embedded photographs",
    weights=(
        WeightsFile(
            name="niqe_embedded.json",
            sha256="fb42ca217a9fcd5882564760d63741f775cf9896205dbb07ff9bef93c4b0e4f4",
            source="srbench, computed from public domain and CC0 photographs",
            licence="MIT",
        ),
    ),
    order=("sr",),
    channel="y-rounded",
    shave="scale",
)
