"""A protocol: RGB, eight pixels off every side at every scale."""

from __future__ import annotations

from srbench.metrics import Protocol

RGB_CENTRE = Protocol(name="example-rgb-centre", title="RGB, shave 8", channel="rgb", shave=8)
