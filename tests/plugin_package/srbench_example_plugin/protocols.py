"""Two protocols: RGB with eight pixels off every side at every scale, and the shave of scale + 6 of DIV2K's tables."""

from srbench.metrics import Protocol

PROTOCOLS = (
    Protocol(name="example-rgb-centre", title="RGB, shave 8", channel="rgb", shave=8),
    Protocol(name="example-div2k", title="RGB, shave = scale + 6", channel="rgb", shave="scale+6"),
)
