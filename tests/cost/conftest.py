"""Keeps the misbehaving models of ``bad_models.py`` out of everybody else's registry."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from srbench import plugins
from srbench.models.registry import MODELS

collect_ignore = ["bad_models.py"]  # collecting doctests would import it, which registers its models


@pytest.fixture(autouse=True)
def _own_registry() -> Iterator[None]:
    """Forget the models and plugin files that a test brings in."""
    with MODELS.scoped(), plugins.scoped():
        yield
