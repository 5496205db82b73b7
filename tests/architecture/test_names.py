"""Quantities are objects: a module that names one of them is listed here with its reason, and there are no others."""

from __future__ import annotations

import ast
import re
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[2] / "srbench"

NAMED = re.compile("psnr|ssim")
VAGUE = ("said", "told", "whence", "of", "thing", "stuff")

# Where the two are defined, or said to be what tables show.
ROOMS = {"metrics": "defines them, and the protocols and conventions they are measured by"}

# All others: why each names what it names.
REASONS = {
    "__init__.py": "the public functions srbench.psnr and srbench.ssim",
    "quantities/builtin.py": "the entries of the registry",
    "quantities/quantity.py": "an example in a docstring",
    "quantities/registry.py": "the documented default",
    "results/version1.py": "reads the first schema, whose fields they are",
    "challenge/score/measure.py": "defines them once more: arithmetic that gives the same bits on every platform",
    "challenge/score/plan.py": "the official scorers' columns, as data",
    "challenge/tables.py": "the organisers' own column, as data",
    "cli/challenge/predict.py": "an example in the help, with a column of the rules",
    "cli/choose.py": "examples in the help",
    "evaluation/api.py": "an example in a docstring",
    "report/handin/budget.py": "examples in docstrings",
}


def test_only_these_modules_name_psnr_or_ssim() -> None:
    naming = {
        str(file.relative_to(PACKAGE))
        for file in PACKAGE.rglob("*.py")
        if NAMED.search(file.read_text(encoding="utf-8")) and file.relative_to(PACKAGE).parts[0] not in ROOMS
    }
    assert naming == set(REASONS)


def test_no_variable_is_named_for_nothing() -> None:
    """Names that say that something was said or told, and not what; ``whence`` is the language's own in ``seek``."""
    wrong = [
        f"{file.relative_to(PACKAGE)}:{node.lineno} {name}"
        for file in sorted(PACKAGE.rglob("*.py"))
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, (ast.Name, ast.arg, ast.keyword))
        and (name := node.id if isinstance(node, ast.Name) else node.arg) in VAGUE
        and (name, file.name) != ("whence", "tape.py")
    ]
    assert not wrong
