"""The scoring core: reads a results submission, measures it against the references, says what is wrong with it.

Everything here runs without torch and without the rest of srbench: Python 3.9, numpy 1.26 and Pillow are enough, so
that the same files work inside a platform's scoring program. The one module from outside is
:mod:`srbench.metrics.workers`, which satisfies the same; ``srbench challenge bundle`` copies it along.
"""

from __future__ import annotations
