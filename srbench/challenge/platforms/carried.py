"""The scoring core as it travels inside a bundle: the same files, importing each other relatively."""

from __future__ import annotations

import ast
import re
from importlib import resources
from pathlib import Path

from srbench.challenge.planning import plan_of
from srbench.challenge.platforms.platform import BundleOptions
from srbench.challenge.score.names import sort_files
from srbench.challenge.score.plan import Plan
from srbench.errors import SrbenchError
from srbench.rules import Rules

PACKAGE = "srbench_score"
_MODULES = (
    "ahead", "archive", "efficiency", "evalai", "hints", "image", "measure", "names", "output", "pairing", "plan",
    "png", "program", "readme", "references", "scoring", "tape", "verdict",
)  # fmt: skip
_IMPORT = re.compile(r"^(\s*)from srbench\.(?:challenge\.score|metrics)\.(\w+) import", re.MULTILINE)

SCORE_PY = '''"""Scoring program: python3 score.py INPUT OUTPUT; needs Python 3.9 or newer, numpy and Pillow."""

import os
import sys

if sys.version_info < (3, 9):
    print("organiser error: Python 3.9 or newer is needed, this is %d.%d; set docker_image" % sys.version_info[:2])
    sys.exit(1)
sys.dont_write_bytecode = True
here = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, here)
try:
    import numpy  # noqa: F401
    import PIL  # noqa: F401
except ImportError as error:
    print("organiser error: %s; set docker_image to one with numpy and Pillow" % error)
    sys.exit(1)

import pathlib

from srbench_score.program import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], pathlib.Path(here) / "plan.json"))
'''


def write_core(folder: Path) -> None:
    """Write the package ``srbench_score`` into ``folder``.

    Raises:
        SrbenchError: a module needs anything of srbench that does not travel.
    """
    package = folder / PACKAGE
    package.mkdir(parents=True, exist_ok=True)
    for name in _MODULES:
        (package / f"{name}.py").write_text(_travelling("srbench.challenge.score", name), encoding="utf-8")
    (package / "workers.py").write_text(_travelling("srbench.metrics", "workers"), encoding="utf-8")
    (package / "__init__.py").write_text('"""The scoring core of srbench."""\n', encoding="utf-8")


def _travelling(package: str, name: str) -> str:
    source = (resources.files(package) / f"{name}.py").read_text(encoding="utf-8")
    text = _IMPORT.sub(r"\1from .\2 import", source)
    left = names_imported(text) & {"srbench"}
    if left:
        raise SrbenchError(f"module {package}.{name} needs more of srbench than travels in a bundle.")
    return text


def names_imported(source: str) -> set[str]:
    """Top-level names that Python 3.9 source imports absolutely; SyntaxError where 3.9 cannot read it."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source, feature_version=(3, 9))):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
            found.add(node.module.partition(".")[0])
    return found


def plan_for(rules: Rules, options: BundleOptions, dataset: str) -> Plan:
    """The plan of one of the rules' datasets, with the names of its references where they are given."""
    stems: tuple[str, ...] = ()
    if dataset in options.references:
        folder = options.references[dataset]
        stems = tuple(sort_files((path.name for path in folder.iterdir() if path.is_file()), rules.scale).images)
        if not stems:
            raise SrbenchError(f"'{folder}' holds no PNG images; give the folder of the HR images.")
    return plan_of(rules, stems=stems, equal_to_reference="fail" if options.fail_equal else "note")


def datasets_of(rules: Rules, options: BundleOptions) -> tuple[str, ...]:
    """Datasets that get a phase: those with references, or all where none are given.

    Raises:
        SrbenchError: references of a dataset that the rules do not have.
    """
    known = tuple(dataset.id for dataset in rules.datasets)
    strange = sorted(set(options.references) - set(known))
    if strange:
        raise SrbenchError(f"{rules.id} has no dataset {', '.join(strange)}; it has {', '.join(known)}.")
    return tuple(name for name in known if name in options.references) or known
