"""Checks of a model submission's code, read as a syntax tree: nothing of it is ever run."""

from __future__ import annotations

import ast
import importlib.util
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from srbench.challenge.checks.check import CannotRun, Check, Finding, Subject
from srbench.challenge.submission import Kind
from srbench.challenge.verdict import Note, Problem, printable
from srbench.models.parsing import parsed
from srbench.models.repository import required_parameters
from srbench.models.signature import SCALE_NAMES

_ONLY: tuple[Kind, ...] = ("model",)
_ACTS = {
    "os.system": "starts a process", "os.popen": "starts a process", "subprocess": "starts a process",
    "os.fork": "starts a process", "multiprocessing": "starts a process", "cpp_extension": "compiles code",
    "requests": "fetches", "urllib": "fetches", "socket": "fetches", "gdown": "fetches",
    "load_state_dict_from_url": "fetches", "load_file_from_url": "fetches", "hf_hub_download": "fetches",
    "eval": "runs text as code", "exec": "runs text as code", "compile": "runs text as code",
    "__import__": "imports by text", "pickle": "reads pickles", "ctypes": "calls foreign code",
    "shutil.rmtree": "deletes files", "os.remove": "deletes files", "open": "opens files",
}  # fmt: skip
_ENDS = ("sys.exit", "exit", "quit", "input", "parse_args", "parse_known_args")
_MOST_LITERAL = 100_000
_PROVIDED = frozenset({"torch", "numpy", "math"})
_SHOWN = 5


@dataclass(frozen=True)
class _Tree:
    path: str
    tree: ast.Module


def _trees(subject: Subject) -> Iterator[_Tree | Problem]:
    """The syntax trees of all Python files, or the problem with one."""
    if not subject.model.sources:
        raise CannotRun("there is no Python file to look at")
    for path in subject.model.sources:
        shown = printable(path[len(subject.model.folder) :])
        try:
            yield _Tree(shown, _parsed(subject.source(path)))
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            text = f"{error.msg} in line {error.lineno}" if isinstance(error, SyntaxError) else str(error)
            found = f"{type(error).__name__}: {printable(text)}"
            yield Problem("code", f"{shown} is no Python that can be read", found=found, mend="send it as it runs")


@lru_cache(maxsize=64)
def _parsed(source: bytes) -> ast.Module:
    return parsed(source)


def _readable(subject: Subject) -> Iterable[Finding]:
    return [found for found in _trees(subject) if isinstance(found, Problem)]


def _files(subject: Subject) -> Iterable[Finding]:
    yield from (p for p in subject.model.problems if p.theme == "names")
    wanted = subject.rules.submission
    path = subject.model.weights_file
    if wanted and wanted.weights_suffixes and path and not path.lower().endswith(wanted.weights_suffixes):
        suffixes = ", ".join(wanted.weights_suffixes)
        yield Note("names", f"the rules want weights named {suffixes}, not '{printable(path.rpartition('/')[2])}'")


def _described(subject: Subject) -> Iterable[Finding]:
    yield from (p for p in subject.model.problems if p.theme != "names")
    wanted = subject.rules.submission
    declared = subject.model.description.data_range
    if wanted and wanted.data_ranges and declared not in wanted.data_ranges:
        expected = " or ".join(f"{value:g}" for value in wanted.data_ranges)
        yield Problem("code", "data_range", expected, f"{declared:g}", "say what the network takes")


def _network(subject: Subject) -> Iterable[Finding]:
    """A class that can be the network: the named one, one named like the file, or the only module that fits."""
    if subject.model.model_file is None:
        raise CannotRun("there is no model file to look at")
    classes = _classes(subject)
    declared = subject.model.description.class_name
    stem = subject.model.model_file.rpartition("/")[2].removesuffix(".py").partition("_")[2]
    if declared:
        if declared not in classes:
            yield Problem("code", f"submission.toml names class '{printable(declared)}'", found=_some(classes))
        else:
            yield from _lacking(subject, declared)
        return
    alike = [name for name in classes if name.lower() == stem.lower()]
    used = {name for names in classes.values() for name in names}
    roots = [name for name in classes if name not in used]
    chosen = alike or roots
    if len(chosen) != 1:
        mend = 'say class = "Name" in submission.toml'
        yield Problem("code", "the network's class is not clear", "one class", _some(chosen or list(classes)), mend)
    else:
        yield Note("code", f"the network is taken to be class {printable(chosen[0])}")
        yield from _lacking(subject, chosen[0])


def _lacking(subject: Subject, class_name: str) -> Iterable[Finding]:
    """Arguments that the constructor needs, which nobody gives; srbench gives the scale."""
    tree = _parsed(subject.source(subject.model.model_file or ""))
    known = {*SCALE_NAMES, *subject.model.description.arguments}
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and node.name == class_name:
            lacking = [name for name in required_parameters(node) if name not in known]
            if lacking:
                what = f"class {printable(class_name)} cannot be built without {', '.join(map(printable, lacking))}"
                yield Problem("code", what, mend=f"say arguments = {{{lacking[0]} = ...}} in submission.toml")


def _some(names: Iterable[str]) -> str:
    found = list(names)
    return ", ".join(map(printable, found[:_SHOWN])) or "none"


def _classes(subject: Subject) -> dict[str, set[str]]:
    """Classes of the model file with a forward method, and the names that each calls."""
    path = subject.model.model_file or ""
    try:
        tree = _parsed(subject.source(path))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise CannotRun("the model file cannot be read, see above") from None
    found: dict[str, set[str]] = {}
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            named = {inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name)}
            methods = {part.name for part in node.body if isinstance(part, ast.FunctionDef)}
            based = {ast.unparse(base).rpartition(".")[2] for base in node.bases}
            if "forward" in methods or based & {"Module", "Sequential"}:
                found[node.name] = named - {node.name}
    return found


def _imports(subject: Subject) -> Iterable[Finding]:
    own = {part for path in subject.model.sources for part in path.removesuffix(".py").split("/")}
    wanted: dict[str, list[str]] = {}
    for found in _trees(subject):
        if isinstance(found, _Tree):
            for module, symbol, line in _imported(found.tree):
                package = module.partition(".")[0]
                if package not in own and package not in _PROVIDED and package not in sys.stdlib_module_names:
                    where = f"{module}{'.' + symbol if symbol else ''} ({found.path} line {line})"
                    wanted.setdefault(package, []).append(where)
    for package, places in sorted(wanted.items()):
        if importlib.util.find_spec(package) is None:
            mend = "leave it out, or ask the organisers for it; 'evaluate --shims' has stand-ins for a few"
            what = f"package '{printable(package)}' is not installed"
            yield Problem("code", what, "torch and numpy", ", ".join(map(printable, places[:_SHOWN])), mend)
        else:
            yield Note("code", f"needs package '{printable(package)}': {', '.join(map(printable, places[:_SHOWN]))}")


def _imported(tree: ast.Module) -> Iterator[tuple[str, str, int]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, "", node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
            yield from ((node.module, alias.name, node.lineno) for alias in node.names)


def _acts(subject: Subject) -> Iterable[Finding]:
    for found in _trees(subject):
        if isinstance(found, _Tree):
            for line, name, act in _calls(found.tree):
                what = f"{found.path} line {line}: {printable(name)} {act}"
                yield Problem("code", what, mend="a network needs none of that; leave it out")


def _calls(tree: ast.Module) -> Iterator[tuple[int, str, str]]:
    """Calls outside of ``if __name__ == "__main__"`` that do more than compute."""
    for node in _outside_main(tree):
        if not isinstance(node, ast.Call):
            continue
        name = ast.unparse(node.func) if len(ast.dump(node.func)) < 2000 else ""
        for key, act in _ACTS.items():
            if name == key or name.startswith(f"{key}.") or (len(key) > 8 and name.endswith(f".{key}")):
                yield node.lineno, name, act


def _outside_main(tree: ast.AST) -> Iterator[ast.AST]:
    """Every node but those that run only when the file is started as a program."""
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        yield node
        for child in ast.iter_child_nodes(node):
            if not (isinstance(child, ast.If) and "__name__" in ast.unparse(child.test)):
                waiting.append(child)


def _imports_quietly(subject: Subject) -> Iterable[Finding]:
    """Importing the file neither ends, nor asks, nor loops for ever."""
    for found in _trees(subject):
        if not isinstance(found, _Tree):
            continue
        for node in _at_import(found.tree):
            name = ast.unparse(node.func) if isinstance(node, ast.Call) and len(ast.dump(node.func)) < 2000 else ""
            if name and (name in _ENDS or name.rpartition(".")[2] in ("parse_args", "parse_known_args")):
                what = f"{found.path} line {getattr(node, 'lineno', 0)}: {printable(name)}() runs on import"
                yield Problem("code", what, mend='put it below if __name__ == "__main__"')
            if isinstance(node, ast.While) and _never_ends(node):
                yield Problem("code", f"{found.path} line {node.lineno}: loops for ever on import")


def _never_ends(loop: ast.While) -> bool:
    leaves = any(isinstance(inner, (ast.Break, ast.Return, ast.Raise)) for inner in ast.walk(loop))
    return isinstance(loop.test, ast.Constant) and bool(loop.test.value) and not leaves


def _at_import(tree: ast.AST) -> Iterator[ast.AST]:
    """Nodes that run while the file is imported."""
    for child in ast.iter_child_nodes(tree):
        if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            continue
        if isinstance(child, ast.If) and "__name__" in ast.unparse(child.test):
            continue
        yield child
        yield from _at_import(child)


def _needs_cuda(subject: Subject) -> Iterable[Finding]:
    for found in _trees(subject):
        if isinstance(found, _Tree):
            for node in _outside_main(found.tree):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "cuda":
                    text = f"{found.path} line {node.lineno}: .cuda() needs a GPU; it is left out on a CPU"
                    yield Note("code", text)


def _embeds(subject: Subject) -> Iterable[Finding]:
    """Numbers or bytes in the source: state that no counter of parameters sees."""
    for found in _trees(subject):
        if not isinstance(found, _Tree):
            continue
        for node in ast.walk(found.tree):
            size = 0
            if isinstance(node, ast.Constant) and isinstance(node.value, (str, bytes)):
                size = len(node.value)
            elif isinstance(node, (ast.List, ast.Tuple)):
                size = 8 * len(node.elts)
            if size > _MOST_LITERAL:
                what = f"{found.path} line {getattr(node, 'lineno', 0)}: {size} bytes of data in the code"
                yield Problem("code", what, f"at most {_MOST_LITERAL}", mend="state belongs in the weights")


CHECKS = (
    Check("model-files", "names", "one model file and one file of weights, named alike", _ONLY, _files),
    Check("code-readable", "code", "the code can be read as Python", _ONLY, _readable),
    Check("code-described", "code", "submission.toml, where there is one, is understood", _ONLY, _described),
    Check("code-network", "code", "the class of the network is clear", _ONLY, _network),
    Check("code-imports", "code", "nothing has to be installed besides torch and numpy", _ONLY, _imports),
    Check("code-acts", "code", "nothing starts processes, fetches, runs text or opens files", _ONLY, _acts),
    Check("code-on-import", "code", "importing the file neither ends, asks nor loops", _ONLY, _imports_quietly),
    Check("code-device", "code", "what needs a GPU while it is built", _ONLY, _needs_cuda),
    Check("code-data", "code", "no data are hidden in the code", _ONLY, _embeds),
)
