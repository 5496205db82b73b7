"""Python files of strangers as syntax trees, without running them."""

from __future__ import annotations

import ast

DEEPEST = 200
"""Levels of a tree. Real code has some dozens; what goes through a tree by recursion ends at a few hundred."""


def parsed(content: bytes) -> ast.Module:
    """The syntax tree of a file.

    Raises:
        SyntaxError, ValueError, RecursionError, MemoryError: it is no Python, or nested too deeply to be read.

    >>> len(parsed(b"a = 1").body)
    1
    """
    tree = ast.parse(content)
    level: list[ast.AST] = [tree]
    for _ in range(DEEPEST):
        level = [child for node in level for child in ast.iter_child_nodes(node)]
        if not level:
            return tree
    raise ValueError(f"nested more than {DEEPEST} levels deep")
