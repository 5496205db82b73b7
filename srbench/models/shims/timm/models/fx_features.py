"""Stand-in for ``timm.models.fx_features``: marks for tracing, which change nothing."""

from typing import Any


def register_notrace_module(module: Any) -> Any:
    """The class itself."""
    return module


def register_notrace_function(fn: Any) -> Any:
    """The function itself."""
    return fn
