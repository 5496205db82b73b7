"""A quantity without reference: the mean step between neighbouring pixels of the SR image."""

import numpy as np

from srbench.quantities import Quantity


def mean_step(sr, scale, protocol):
    return float(np.abs(np.diff(sr.astype(float), axis=1)).mean())


STEPS = Quantity("example-steps", "Step", "sr", mean_step, unit="levels", direction="none")
