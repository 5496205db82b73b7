"""Who computes the images of a pass: this process, others on this machine, a Slurm array, Ray. All give the same rows.

An executor is a function ``(session or unit, indices, heard)`` that calls ``heard`` with the row of every image of
``indices``, in any order, once each, and raises :class:`srbench.errors.SrbenchError` when the model or the data failed.
What a row holds depends on the image and the session alone, so that reducing the rows in the order of the images gives
the same bytes whoever computed them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from srbench.evaluation.engine.session import Row

Heard = Callable[[Row], None]
"""Told one row."""
Indices = Sequence[int]
"""Places of images in the dataset."""
