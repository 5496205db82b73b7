"""Running an organisers' loader (``select_model(args, device)``) for one id, with nothing else of its file.

Only the function is executed, with the imports, constants and functions of its file that it uses: the rest of a demo
program (argument parsers, loggers, counters) wants packages that the network does not.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import inspect
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from torch import nn

from srbench.errors import SrbenchError
from srbench.import_scope import open_scope
from srbench.isolation.arguments import argument_defaults
from srbench.models.foreign import NOT_USABLE, STAND_INS
from srbench.models.no_cuda import asks_in_passes, keep_on_cpu, without_cuda
from srbench.models.notes import LoadNote
from srbench.plugins import place_of


@dataclass(frozen=True)
class FromLoader:
    """What a loader returned, by kind."""

    network: Any
    name: str
    data_range: float
    tile: tuple[int, int] | None
    notes: tuple[LoadNote, ...]


def run_loader(spec: Mapping[str, Any], device: str) -> FromLoader:
    """Call ``function`` of the file ``loader`` with ``id``, in the current folder.

    Raises:
        SrbenchError: it raises, or returns no network; names the package that is missing where that is why.
    """
    import torch

    root = Path.cwd()
    file = (root / str(spec["loader"])).resolve()
    scope = open_scope(file, root=root, stand_ins=STAND_INS if spec.get("shims") else None)
    function = str(spec["function"])
    names: dict[str, Any] = {"__builtins__": scope.builtins, "__name__": "srbench_loader", "__file__": str(file)}
    tree = ast.parse(file.read_bytes())
    exec_tree = ast.Module(needed(tree, function), [])
    asked: list[str] = []
    with scope.active(), without_cuda(device) as replaced:
        try:
            exec(compile(exec_tree, str(file), "exec"), names)
            result = _called(names[function], spec, torch.device(device), tree)
        except SrbenchError:
            raise
        except (Exception, SystemExit) as error:  # a stranger's loader raises anything
            raise SrbenchError(_why(scope, error)) from error
        asked += replaced
    notes = [LoadNote("stand-in", one.package, "" if one.empty else "a stand-in", NOT_USABLE) for one in scope.replaced]
    asked += scope.asked_on_import
    if asked:
        notes.append(LoadNote("no-cuda", ", ".join(dict.fromkeys(asked)), "cpu"))
    found = _sorted_out(result, tuple(notes))
    if isinstance(found.network, nn.Module) and not device.startswith("cuda") and asks_in_passes(scope.files):
        keep_on_cpu(found.network)
    return found


def needed(tree: ast.Module, function: str) -> list[ast.stmt]:
    """The statements of a file that bind what ``function`` uses, directly or not, and the function itself, in order."""
    binds = [(node, _bound(node)) for node in tree.body]
    wanted, before = {function}, 0
    chosen: set[int] = set()
    while len(wanted) > before:
        before = len(wanted)
        for index, (node, bound) in enumerate(binds):
            if index not in chosen and bound & wanted:
                chosen.add(index)
                wanted |= {name.id for name in ast.walk(node) if isinstance(name, ast.Name)}
    return [
        node
        for index, (node, _) in enumerate(binds)
        if index in chosen or (isinstance(node, ast.ImportFrom) and node.module == "__future__")
    ]


def _bound(node: ast.stmt) -> set[str]:
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        return {(alias.asname or alias.name).partition(".")[0] for alias in node.names}
    if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
        return {node.name}
    if isinstance(node, ast.Assign):
        return {name.id for target in node.targets for name in ast.walk(target) if isinstance(name, ast.Name)}
    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        return {node.target.id}
    if isinstance(node, ast.Try):
        inside = [*node.body, *node.orelse, *node.finalbody, *(one for h in node.handlers for one in h.body)]
        return set().union(*map(_bound, inside))
    if isinstance(node, ast.If) and "__name__" not in ast.unparse(node.test):
        return set().union(*map(_bound, (*node.body, *node.orelse)))
    return set()


def _called(function: Any, spec: Mapping[str, Any], device: Any, tree: ast.Module) -> Any:
    """Call a loader with what its parameters are named after: an argument object, an id, a device, a scale.

    The argument object has the defaults of the file's own command line.
    """
    number, id_name = spec["id"], str(spec.get("id_name") or "model_id")
    scale = int(spec["scale"])
    usual = {"upscale": scale, "model_zoo": "model_zoo", "tile": None, "rgb_range": 255}
    known = {
        "scale": scale,
        "device": device,
        **dict.fromkeys(_read_as_id(tree, str(spec["function"]), id_name), number),
    }
    arguments = argparse.Namespace(**{**usual, **argument_defaults(tree), **known, id_name: number})
    given: list[Any] = []
    named: dict[str, Any] = {}
    for index, (name, parameter) in enumerate(inspect.signature(function).parameters.items()):
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            continue
        if name in ("device", "dev"):
            value: Any = device
        elif name in ("scale", "upscale", "sf"):
            value = scale
        elif name == id_name or name in ("model_id", "id", "team_id", "idx"):
            value = number
        elif index == 0:
            value = arguments
        elif parameter.default is not inspect.Parameter.empty:
            break
        elif name in vars(arguments):
            value = getattr(arguments, name)
        else:
            raise SrbenchError(f"the loader wants '{name}', of which nothing is known here.")
        if parameter.kind == parameter.KEYWORD_ONLY:
            named[name] = value
        else:
            given.append(value)
    return function(*given, **named)


def _read_as_id(tree: ast.Module, function: str, id_name: str) -> list[str]:
    """Attributes of the argument object that a loader takes its id from: ``model_id = int(args.team)``."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and node.name == function and node.args.args:
            settings = node.args.args[0].arg
            for inner in ast.walk(node):
                named = (
                    [t.id for t in inner.targets if isinstance(t, ast.Name)] if isinstance(inner, ast.Assign) else []
                )
                if id_name in named:
                    found += [
                        part.attr
                        for part in ast.walk(inner)
                        if isinstance(part, ast.Attribute)
                        and isinstance(part.value, ast.Name)
                        and part.value.id == settings
                    ]
    return found


def _sorted_out(result: Any, notes: tuple[LoadNote, ...]) -> FromLoader:
    if isinstance(result, dict):
        result = list(result.values())
    parts = list(result) if isinstance(result, (tuple, list)) else [result]
    network = next((part for part in parts if isinstance(part, nn.Module)), None)
    if network is None:
        raise SrbenchError(f"the loader returned {', '.join(type(part).__name__ for part in parts)}; no network.")
    name = next((part.strip() for part in parts if isinstance(part, str)), "")
    numbers = [part for part in parts if isinstance(part, (int, float)) and not isinstance(part, bool)]
    data_range = float(numbers[0]) if numbers else 1.0
    tile: tuple[int, int] | None = None
    last = parts[-1]
    if isinstance(last, int) and len(numbers) > 1:
        tile = (int(last), 32)
    elif isinstance(last, (tuple, list)) and len(last) == 2:
        with contextlib.suppress(TypeError, ValueError):
            tile = (int(last[0]), int(last[1]))
    return FromLoader(network, name, data_range, tile, notes)


def _why(scope: Any, error: BaseException) -> str:
    text = scope.plain(" ".join(str(error).split()))
    if isinstance(error, ImportError):
        return f"{text}: a package is missing or not for this torch ({place_of(scope, error)}); --shims may stand in."
    return f"{place_of(scope, error)} raised {type(error).__name__}: {text[:600]}"
