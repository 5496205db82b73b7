"""The model card: what a model is and promises, as data that needs no torch to read."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

Origin = Literal["released", "bundled", "user"]


class Weights(BaseModel):
    """One file of weights: where it is, what it must hash to, whose it is."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    tag: str = Field(description="Unique within the model, e.g. 'released' or 'bundled'; shown as name.tag.")
    scale: int
    origin: Origin
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    bytes: int = Field(gt=0)
    licence: str = Field(
        description="Licence of the place that gives the file: an SPDX id, or 'unstated' where it states none."
    )
    url: str | None = Field(default=None, description="Download address; None for bundled weights.")
    file: str | None = Field(default=None, description="File name under models/bundled/; None for downloads.")
    key: str | None = Field(
        default=None, description="Name under which the file holds these weights, where it holds several."
    )
    key_map: str | None = Field(
        default=None,
        description="'module:attr' of a function dict[str, Tensor] -> dict[str, Tensor] that renames keys.",
    )
    note: str = Field(default="", description="For bundled weights: recipe, steps and data.")


class ModelCard(BaseModel):
    """A registered model. Reading a card imports no torch; ``network`` is resolved on use.

    Shapes: a network maps (N, channels, h, w) float in [0, input_range] to
    (N, channels, scale*h, scale*w) in the same range; a pre-upsampled one maps
    (N, channels, H, W) to the same size.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9.+-]*$")
    title: str = Field(description="The name as papers print it.")
    paper: str = Field(description="Key of the paper, e.g. 'imdn2019'.")
    year: int
    scales: tuple[int, ...]
    network: str | None = Field(
        default=None, description="'module:attr' of a callable(scale=..., **arguments) -> nn.Module."
    )
    arguments: dict[str, Any] = Field(default_factory=dict)
    interpolation: str | None = Field(
        default=None,
        description="Without a network: 'module:attr' of a torch-free function (uint8 LR, scale) -> uint8 SR.",
    )
    colour: Literal["rgb", "y"] = Field(default="rgb", description="'y': network on luma, chroma by bicubic.")
    input_range: Literal[1, 255] = 1
    range_known: bool = Field(default=True, description="False: nothing says so, and ``input_range`` is a guess.")
    order: Literal["rgb", "bgr"] = Field(default="rgb", description="Order of the channels that the network takes.")
    size_multiple: int = Field(
        default=1, ge=1, description="LR height and width are padded to a multiple of this, the output cropped."
    )
    min_size: int = Field(default=1, ge=1, description="Smallest LR height and width the network takes.")
    pre_upsampled: bool = False
    checkpoint: str | None = Field(
        default=None, description="The user's file of weights that 'auto' means; '{scale}' stands for the factor."
    )
    checkpoint_key: str | None = Field(default=None, description="Name under which that file holds the weights.")
    strict: bool = Field(default=True, description="False: load what fits of a file of weights, and list the rest.")
    shims: bool = Field(default=False, description="Stand-ins for packages that are not installed may be used.")
    root: str | None = Field(default=None, description="Folder that a network's file may import from as well.")
    self_contained: bool = Field(
        default=False, description="The network needs no file of weights: it has none, or brings its own."
    )
    params: dict[int, int] = Field(default_factory=dict, description="Exact parameter count expected per scale.")
    weights: tuple[Weights, ...] = ()
    code_licence: str = Field(
        default="",
        description="SPDX id of the public code that the released weights were made with, 'unstated' where it "
        "states none, '' where there is none.",
    )
    family: str = ""
    variant_of: str | None = Field(default=None, description="For ablations and configurations: the main model's name.")
    equivalent_to: str | None = Field(
        default=None, description="Model that computes the same by construction: another form of the same network."
    )
    blocks: tuple[str, ...] = Field(
        default=(), description="Blocks in use, as 'block<-paper' strings, for the genealogy."
    )
    note: str = ""

    @field_validator("scales")
    @classmethod
    def _some_scale(cls, scales: tuple[int, ...]) -> tuple[int, ...]:
        if not scales or any(s < 1 for s in scales):
            raise ValueError("scales must name at least one positive integer")
        return scales

    @property
    def channels(self) -> int:
        """Input and output channels of the network: 3 (RGB) or 1 (luma)."""
        return 3 if self.colour == "rgb" else 1
