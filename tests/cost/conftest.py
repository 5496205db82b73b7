"""Keeps the misbehaving models of ``bad_models.py`` out of everybody else's registry."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest

from srbench.models import registry

collect_ignore = ["bad_models.py"]  # collecting doctests would import it, which registers its models


@pytest.fixture(autouse=True)
def _own_registry() -> Iterator[None]:
    """Forget the models and plugin files that a test brings in."""
    registry.cards()
    before, modules = dict(registry._registered), set(sys.modules)
    yield
    registry._registered.clear()
    registry._registered.update(before)
    for name in set(sys.modules) - modules:
        if name.startswith("srbench_plugin_"):
            del sys.modules[name]
