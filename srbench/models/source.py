"""Hash over the source files that define a network, found by reading imports, without importing anything."""

from __future__ import annotations

import ast
import hashlib
import importlib.util
import json
from dataclasses import replace
from pathlib import Path

from srbench.errors import SrbenchError
from srbench.models.card import ModelCard
from srbench.models.reference import parse_reference

LATER_FIELDS = ("order", "checkpoint_key", "strict", "shims")
"""Fields that change a result too; hashed only where they are set, so that older results keep their hash."""


def source_hash(card: ModelCard) -> str:
    """SHA-256 over the files that define ``card``'s network and over the card's fields that change its output.

    The files are the module of the network and, recursively, the modules it imports from its own package
    (of srbench: from ``srbench.models``). torch is not imported.

    Raises:
        SrbenchError: the module of the network cannot be found.
    """
    digest = hashlib.sha256()
    fields = card.model_dump(
        include={
            "network",
            "interpolation",
            "arguments",
            "takes",
            "colour",
            "input_range",
            "size_multiple",
            "pre_upsampled",
        }
    )
    for field in ("network", "interpolation"):  # a file's place does not define a network
        if fields[field]:
            reference = parse_reference(fields[field])
            fields[field] = str(replace(reference, place=Path(reference.place).name))
    defaults = {name: ModelCard.model_fields[name].default for name in LATER_FIELDS}
    fields |= {name: getattr(card, name) for name, default in defaults.items() if getattr(card, name) != default}
    digest.update(json.dumps(fields, sort_keys=True, default=str).encode())
    for _name, file in sorted(source_files(card).items()):
        digest.update(file.read_bytes())
    return digest.hexdigest()


def source_files(card: ModelCard) -> dict[str, Path]:
    """Files that define the network or interpolation of ``card``, by module name."""
    reference = card.network or card.interpolation or ""
    module = parse_reference(reference).place
    if module.endswith(".py"):
        return {Path(module).name: Path(module).expanduser()}
    package = "srbench.models" if module.startswith("srbench.models.") else module.partition(".")[0]
    found: dict[str, Path] = {}
    _collect(module, package, found)
    if found and card.network is None and package == "srbench.models":  # an interpolation is its imresize
        _collect("srbench.imaging.imresize", "srbench.imaging", found)
    if not found:
        raise SrbenchError(f"the source of '{reference}' (model '{card.name}') cannot be found; is it installed?")
    return found


def _collect(module: str, package: str, found: dict[str, Path]) -> None:
    if module in found or not (module == package or module.startswith(package + ".")):
        return
    file = _file_of(module)
    if file is None:
        return
    found[module] = file
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            for alias in node.names:
                _collect(alias.name, package, found)
        elif isinstance(node, ast.ImportFrom):
            base = _absolute(node, module, file)
            _collect(base, package, found)
            for alias in node.names:
                _collect(f"{base}.{alias.name}", package, found)


def _file_of(module: str) -> Path | None:
    try:
        spec = importlib.util.find_spec(module)
    except (ImportError, AttributeError, ValueError):
        return None
    return Path(spec.origin) if spec and spec.origin and spec.origin.endswith(".py") else None


def _absolute(node: ast.ImportFrom, module: str, file: Path) -> str:
    if not node.level:
        return node.module or ""
    parts = module.split(".")
    drop = node.level - 1 if file.name == "__init__.py" else node.level
    return ".".join([*parts[: len(parts) - drop], *([node.module] if node.module else [])])
