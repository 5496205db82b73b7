"""Stand-in for ``timm.models.helpers``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from torch import nn


def named_apply(
    fn: Callable[..., Any], module: nn.Module, name: str = "", depth_first: bool = True, include_root: bool = False
) -> nn.Module:
    """Call ``fn(module=..., name=...)`` on all modules below ``module``, the outermost last (or first)."""
    found = [(n, m) for n, m in module.named_modules(prefix=name) if include_root or m is not module]
    for path, one in reversed(found) if depth_first else found:
        fn(module=one, name=path)
    return module
