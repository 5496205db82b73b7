"""Renaming the keys of released weights to ours: ordered regular-expression rules, one table per paper."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

Rule = tuple[str, str | Callable[[re.Match[str]], str]]
KeyMap = Callable[[Mapping[str, Any]], dict[str, Any]]


def numbered(pattern: str) -> Callable[[re.Match[str]], str]:
    """Replacement that puts the matched 1-based number into ``pattern`` as a 0-based one.

    >>> re.sub(r"^B(\\d+)\\.", numbered("blocks.{}."), "B1.c4.weight")
    'blocks.0.c4.weight'
    """
    return lambda match: pattern.format(int(match.group(1)) - 1)


def renamer(*rules: Rule) -> KeyMap:
    """A key map that applies every rule in order to every key; tensors are untouched.

    >>> renamer((r"^fea_conv\\.", "head."))({"fea_conv.weight": 1})
    {'head.weight': 1}
    """

    def rename(state: Mapping[str, Any]) -> dict[str, Any]:
        renamed = {}
        for key, value in state.items():
            for pattern, replacement in rules:
                key = re.sub(pattern, replacement, key)
            renamed[key] = value
        return renamed

    return rename
