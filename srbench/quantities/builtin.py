"""srbench's own quantities, as data; what measures them is imported on use."""

from __future__ import annotations

import math
from functools import cache

from srbench.quantities.conventions import CONVENTIONS, DEFAULT_CONVENTION
from srbench.quantities.quantity import Quantity

NOT_NEGATIVE = (0.0, math.inf)


def image_quality() -> tuple[Quantity, ...]:
    """PSNR and SSIM, measured in one pass, and MS-SSIM; without torch."""
    both = "srbench.metrics.protocols:score_values"
    return (
        Quantity(
            "psnr",
            "PSNR",
            "sr+hr",
            "srbench.metrics.psnr:psnr",
            unit="dB",
            direction="higher",
            together=both,
            plausible=(0.0, 100.0),
            description="Peak signal-to-noise ratio; infinite for identical images.",
        ),
        Quantity(
            "ssim",
            "SSIM",
            "sr+hr",
            "srbench.metrics.ssim:ssim",
            digits=4,
            direction="higher",
            together=both,
            plausible=(-1.0, 1.0),
            description="Structural similarity (Wang et al. 2004).",
        ),
        Quantity(
            "ms-ssim",
            "MS-SSIM",
            "sr+hr",
            "srbench.metrics.ms_ssim:ms_ssim",
            digits=4,
            direction="higher",
            plausible=(-1.0, 1.0),
            description="Structural similarity over five scales (Wang et al. 2003).",
        ),
    )


def perceptual_quality() -> tuple[Quantity, ...]:
    """Quantities with a protocol of their own, whose id is their name; packages and weights are asked for on use."""
    from srbench.quantities.perceptual import DISTS, LPIPS_ALEX, LPIPS_VGG, NIQE_EMBEDDED

    judged = {
        "srbench.models.perceptual:lpips_alex": LPIPS_ALEX,
        "srbench.models.perceptual:lpips_vgg": LPIPS_VGG,
        "srbench.models.perceptual:dists": DISTS,
        "srbench.metrics.niqe:of_embedded": NIQE_EMBEDDED,
    }
    return tuple(
        Quantity(
            settings.id,
            settings.title,
            "sr+hr" if "hr" in settings.order else "sr",
            measure,
            digits=4,
            direction="lower",
            plausible=NOT_NEGATIVE,
            description=f"{settings.network}.",
            settings=settings,
        )
        for measure, settings in judged.items()
    )


def network_costs() -> tuple[Quantity, ...]:
    """What a network costs; nothing of it depends on weights."""
    return (
        Quantity(
            "params",
            "Params",
            "network",
            "srbench.cost.measures:params",
            direction="lower",
            style="count",
            plausible=NOT_NEGATIVE,
            description="Parameters of the network.",
        ),
        *counted(DEFAULT_CONVENTION),
        Quantity(
            "depth",
            "Depth",
            "network",
            "srbench.cost.measures:depth",
            direction="lower",
            style="whole",
            together="srbench.cost.measures:counts",
            plausible=NOT_NEGATIVE,
            description="Convolutions on the longest path through the data flow.",
        ),
        Quantity(
            "memory",
            "Memory",
            "network",
            "srbench.cost.measures:memory",
            unit="MiB",
            digits=1,
            direction="lower",
            style="mebibytes",
            plausible=NOT_NEGATIVE,
            description="Peak memory of one forward pass of batch 1, weights included; stored in bytes.",
        ),
        Quantity(
            "runtime",
            "Runtime",
            "timing",
            "srbench.cost.measures:runtime",
            unit="ms",
            digits=1,
            direction="lower",
            plausible=NOT_NEGATIVE,
            description="Median time of one forward pass of batch 1.",
        ),
    )


@cache
def counted(convention: str) -> tuple[Quantity, ...]:
    """MACs, activations and convolutions as ``convention`` counts them.

    >>> [quantity.name for quantity in counted("fvcore")]
    ['macs:fvcore', 'activations:fvcore', 'convs:fvcore']
    """
    own = "" if convention == DEFAULT_CONVENTION else f":{convention}"
    where = "" if convention == DEFAULT_CONVENTION else f" ({convention})"
    about = CONVENTIONS.get(convention).title

    def quantity(name: str, title: str, style: str, description: str) -> Quantity:
        return Quantity(
            f"{name}{own}",
            f"{title}{where}",
            "network",
            f"srbench.cost.measures:{name}",
            direction="lower",
            style=style,  # type: ignore[arg-type]
            together="srbench.cost.measures:counts",
            convention=convention,
            plausible=NOT_NEGATIVE,
            description=f"{description}: {about}.",
        )

    return (
        quantity("macs", "MACs", "giga", "Multiply-accumulates of one forward pass of batch 1"),
        quantity("activations", "Activations", "mega", "Elements of all convolution outputs"),
        quantity("convs", "#Conv", "whole", "Calls of convolutions"),
    )


@cache
def own_quantities() -> tuple[Quantity, ...]:
    """All of srbench's own, in the order in which they are listed."""
    return (*image_quality(), *perceptual_quality(), *network_costs())
