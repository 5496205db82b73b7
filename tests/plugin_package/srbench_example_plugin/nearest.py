"""A model without a network: a function from (uint8 LR, scale) to uint8 SR."""

from srbench.models import ModelCard


def repeat_pixels(lr, scale):
    return lr.repeat(scale, axis=0).repeat(scale, axis=1)


CARD = ModelCard(
    name="example-nearest", title="Nearest neighbour", paper="example2026", year=2026, scales=(2, 3, 4),
    interpolation="srbench_example_plugin.nearest:repeat_pixels",
)  # fmt: skip
