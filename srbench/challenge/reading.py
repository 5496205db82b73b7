"""Expressions of a loader, followed as far as reading tells: constants, paths, imported classes, calls of them."""

from __future__ import annotations

import ast
import posixpath
import re
import string
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from srbench.models.constants import NotConstant, constant
from srbench.models.signature import SCALE_NAMES

KEPT = {"to", "cuda", "cpu", "eval", "float", "train", "requires_grad_"}
"""Methods of a network that do not change what it computes here."""
_SAME_PATH = {"resolve", "absolute", "expanduser", "as_posix"}
_LONGEST = 1000
_PERCENT = re.compile(r"%[^a-zA-Z%]*")
_WIDE = re.compile(r"[.*\[{]|\d{3}")
"""In a field of a format: a width of three digits or one that is given elsewhere, an attribute, an item."""


@dataclass(frozen=True)
class Made:
    """A network: the class that was called, with constant arguments, or the ``reason`` why they are not known."""

    module: str
    class_name: str
    positional: tuple[Any, ...]
    keywords: Mapping[str, Any]
    reason: str = ""


@dataclass(frozen=True)
class WeightsFile:
    """A file of weights, and the key in it that is taken."""

    path: str
    key: str = ""


@dataclass(frozen=True)
class Import:
    """A module, or a name that was taken from one."""

    module: str
    name: str = ""


@dataclass(frozen=True)
class Function:
    """A function of the loader's own file, with the names that it sees."""

    node: ast.FunctionDef | ast.Lambda
    names: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True)
class Settings:
    """What a loader is given as ``args``: the defaults of its program."""

    values: Mapping[str, Any]


class Unknown:
    """A part of a list or dictionary that only running the code would tell."""


UNKNOWN = Unknown()
NO_LITERALS = (Made, WeightsFile, Import, Function, Settings, Unknown)


class Expressions:
    """Names with what is known of them, and the value of expressions over them."""

    def __init__(self, scale: int, names: Mapping[str, Any], own: str = "") -> None:
        self.scale, self.names, self.own = scale, dict(names), own

    def called(self, function: Function, node: ast.Call) -> Any:
        """What a call of a function of the loader's own file gives; NotConstant here."""
        raise NotConstant

    def step(self, node: ast.AST) -> None:
        """Something else is done to a network."""

    def value(self, node: ast.expr) -> Any:
        """What an expression gives, as far as it can be known.

        Raises:
            NotConstant: only running it would tell.
        """
        if isinstance(node, ast.Name) and node.id in self.names:
            return self.names[node.id]
        kinds = {
            ast.JoinedStr: self._joined, ast.Attribute: self._attribute, ast.Call: self._call, ast.Dict: self._dict,
            ast.Subscript: self._item, ast.DictComp: self._renamed, ast.BinOp: self._operation,
            ast.Lambda: lambda lambda_: Function(lambda_, self.names), ast.IfExp: self._either,
        }  # fmt: skip
        special: Any = kinds.get(type(node))
        if special is not None:
            return special(node)
        if isinstance(node, (ast.Tuple, ast.List)):
            values = [self.known(item) for item in node.elts]
            return tuple(values) if isinstance(node, ast.Tuple) else values
        plain = {name: v for name, v in self.names.items() if not isinstance(v, NO_LITERALS)}
        return constant(node, plain)

    def known(self, node: ast.expr) -> Any:
        """The value, or :data:`UNKNOWN`."""
        try:
            return self.value(node)
        except NotConstant:
            return UNKNOWN

    def owner(self, node: ast.expr) -> Any:
        """What stands before a dot, or is called: also a module inside a package. None where it is not known."""
        if isinstance(node, ast.Attribute):
            inner = self.owner(node.value)
            if isinstance(inner, Import):
                return Import(f"{inner.module}.{inner.name}".strip("."), node.attr) if inner.name else Import(
                    f"{inner.module}.{node.attr}")  # fmt: skip
        try:
            return self.value(node)
        except NotConstant:
            return None

    def items_of(self, node: ast.expr) -> WeightsFile | None:
        """The weights whose ``.items()`` an expression goes through."""
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "items":
            found = self.owner(node.func.value)
            return found if isinstance(found, WeightsFile) else None
        return None

    def argument(self, node: ast.expr) -> Any:
        """A literal, as arguments of a class have to be.

        Raises:
            NotConstant: it is none.
        """
        found = self.value(node)
        if not _literal(found):
            raise NotConstant
        return found

    def _either(self, node: ast.IfExp) -> Any:
        """``a if test else b``: ``a`` where nobody knows."""
        test = node.test
        if isinstance(test, ast.Compare) and len(test.ops) == 1 and isinstance(test.ops[0], (ast.Eq, ast.NotEq)):
            sides = [self.known(test.left), self.known(test.comparators[0])]
            if all(isinstance(side, (int, float, str)) for side in sides):
                same = sides[0] == sides[1]
                return self.value(node.body if same == isinstance(test.ops[0], ast.Eq) else node.orelse)
        return self.value(node.body)

    def _joined(self, node: ast.JoinedStr) -> str:
        return "".join(self._text(part) for part in node.values)

    def _text(self, part: ast.expr) -> str:
        if isinstance(part, ast.Constant):
            return str(part.value)
        if isinstance(part, ast.FormattedValue):
            spec = self.value(part.format_spec) if part.format_spec is not None else ""
            return _formatted("{:" + str(spec) + "}", (self.argument(part.value),))
        raise NotConstant

    def _attribute(self, node: ast.Attribute) -> Any:
        inner = self.owner(node.value)
        if isinstance(inner, Settings) and node.attr in inner.values:
            return inner.values[node.attr]
        if node.attr in SCALE_NAMES:
            return self.scale
        if isinstance(inner, str) and node.attr == "parent":
            return posixpath.dirname(inner)
        raise NotConstant

    def _dict(self, node: ast.Dict) -> dict[Any, Any]:
        found: dict[Any, Any] = {}
        for key, value in zip(node.keys, node.values, strict=True):
            if key is None:
                spread = self.value(value)
                if not isinstance(spread, dict):
                    raise NotConstant
                found |= spread
            else:
                found[_hashable(self.argument(key))] = self.known(value)
        return found

    def _item(self, node: ast.Subscript) -> Any:
        found = self.value(node.value)
        if isinstance(found, WeightsFile):
            return replace(found, key=f"{found.key}.{self.argument(node.slice)}".strip("."))
        return self._part(found, self.argument(node.slice))

    def _part(self, found: Any, key: Any) -> Any:
        if not isinstance(found, (dict, list, tuple, str)):
            raise NotConstant
        try:
            part = found[key]
        except (LookupError, TypeError):
            raise NotConstant from None
        if part is UNKNOWN:
            raise NotConstant
        return part

    def _renamed(self, node: ast.DictComp) -> WeightsFile:
        found = self.items_of(node.generators[0].iter)
        if found is None:
            raise NotConstant
        return found

    def _operation(self, node: ast.BinOp) -> Any:
        if isinstance(node.op, (ast.Add, ast.Div, ast.Mod)):
            left = self.known(node.left)
            if isinstance(left, str):
                right = self.argument(node.right)
                if isinstance(node.op, ast.Mod):
                    return _formatted(left, right, percent=True)
                return f"{left}{right}" if isinstance(node.op, ast.Add) else posixpath.join(left, str(right))
        plain = {name: v for name, v in self.names.items() if not isinstance(v, NO_LITERALS)}
        return constant(node, plain)

    def _call(self, node: ast.Call) -> Any:
        text = ast.unparse(node.func)
        if text.endswith("path.join"):
            return posixpath.join(*(str(self.argument(part)) for part in node.args))
        if text.endswith("path.dirname") and node.args:
            return posixpath.dirname(str(self.argument(node.args[0])))
        if text.endswith(("path.abspath", "path.realpath", "path.normpath")) and node.args:
            return str(self.argument(node.args[0]))
        if text in ("Path", "pathlib.Path", "str", "int", "float") and len(node.args) == 1:
            return _converted(text, self.argument(node.args[0]))
        if text == "dict" and not node.args:
            return self._keywords(node, loose=True)
        if text in ("torch.load", "load", "load_file", "safetensors.torch.load_file"):
            given = node.args or [pair.value for pair in node.keywords if pair.arg in ("f", "filename")]
            path = self.value(given[0]) if given else None
            if not isinstance(path, str):
                raise NotConstant
            return WeightsFile(path)
        if text in ("importlib.import_module", "import_module") and node.args:
            return Import(str(self.argument(node.args[0])).lstrip("."))
        return self._of_callee(node)

    def _of_callee(self, node: ast.Call) -> Any:
        """A call of something known: a class, a method of a network, of weights, of a text or a path."""
        if isinstance(node.func, ast.Call) and ast.unparse(node.func.func) == "getattr" and len(node.func.args) == 2:
            place = self.owner(node.func.args[0])
            if isinstance(place, Import) and place.module:
                return self.made(_dotted(place), str(self.argument(node.func.args[1])), node)
        if isinstance(node.func, ast.Attribute):
            owner = self.owner(node.func.value)
            if isinstance(owner, Made) and node.func.attr in KEPT:
                return owner
            if isinstance(owner, WeightsFile):
                return self._of_file(owner, node)
            if isinstance(owner, Import) and owner.module and owner.module.partition(".")[0] not in ("torch", "os"):
                return self.made(_dotted(owner), node.func.attr, node)
            if isinstance(owner, (str, dict)):
                return self._of_plain(owner, node.func.attr, node)
            raise NotConstant
        callee = self.owner(node.func)
        if isinstance(callee, Import) and callee.name:
            return self.made(callee.module or self.own, callee.name, node)
        if isinstance(callee, Function):
            return self.called(callee, node)
        raise NotConstant

    def _of_plain(self, owner: Any, method: str, node: ast.Call) -> Any:
        arguments = [self.argument(part) for part in node.args]
        if isinstance(owner, dict):
            if method == "get" and arguments and arguments[0] in owner:
                return self._part(owner, arguments[0])
            raise NotConstant
        if method in _SAME_PATH:
            return owner
        if method == "joinpath":
            return posixpath.join(owner, *map(str, arguments))
        if method == "format":
            return _formatted(owner, tuple(arguments), named=self._keywords(node))
        if method == "zfill" and len(arguments) == 1 and isinstance(arguments[0], int) and arguments[0] < _LONGEST:
            return owner.zfill(arguments[0])
        if method in ("lower", "upper", "strip") and not arguments:
            return getattr(owner, method)()
        raise NotConstant

    def _of_file(self, owner: WeightsFile, node: ast.Call) -> WeightsFile:
        if isinstance(node.func, ast.Attribute) and node.func.attr == "get" and node.args:
            return replace(owner, key=f"{owner.key}.{self.argument(node.args[0])}".strip("."))
        if isinstance(node.func, ast.Attribute) and node.func.attr == "state_dict":
            return owner
        raise NotConstant

    def _keywords(self, node: ast.Call, *, loose: bool = False) -> dict[str, Any]:
        """Keyword arguments, with dictionaries of constants spread out; ``loose``: they need not be literals."""
        found: dict[str, Any] = {}
        for pair in node.keywords:
            value = self.known(pair.value) if loose else self.argument(pair.value)
            if pair.arg is not None:
                found[pair.arg] = value
            elif isinstance(value, dict):
                found |= {str(key): part for key, part in value.items()}
            else:
                raise NotConstant
        return found

    def made(self, module: str, name: str, node: ast.Call) -> Made:
        """A class of ``module`` called; its arguments have to be literals.

        A function that is given a network does something to it: the network stays, and that is a step.
        """
        given_network = next((one for one in map(self.known, node.args[:1]) if isinstance(one, Made)), None)
        if name[:1].islower() and given_network is not None:
            self.step(node)
            return given_network
        try:
            positional: list[Any] = []
            for argument in node.args:
                if isinstance(argument, ast.Starred):
                    positional += _converted("list", self.argument(argument.value))
                else:
                    positional.append(self.argument(argument))
            keywords = self._keywords(node)
        except NotConstant:
            given = ", ".join(map(ast.unparse, (*node.args, *(pair.value for pair in node.keywords))))
            return Made(module, name, (), {}, f"the arguments of {name}({given[:80]}) are no literals")
        if name[:1].islower() and "." in module and name in ("select_model", "load_model"):
            raise NotConstant
        return Made(module, name, tuple(positional), keywords)


def _dotted(place: Import) -> str:
    return f"{place.module}.{place.name}".strip(".")


def _literal(found: Any) -> bool:
    if isinstance(found, dict):
        return all(map(_literal, found.values()))
    if isinstance(found, (list, tuple)):
        return all(map(_literal, found))
    return not isinstance(found, NO_LITERALS)


def _hashable(key: Any) -> Any:
    try:
        hash(key)
    except TypeError:
        raise NotConstant from None
    return key


def _converted(kind: str, value: Any) -> Any:
    try:
        return {"int": int, "float": float, "list": list}.get(kind, str)(value)
    except (TypeError, ValueError, OverflowError):
        raise NotConstant from None


def _formatted(text: str, values: Any, named: Mapping[str, Any] | None = None, *, percent: bool = False) -> str:
    """A short text with values put in; wide fields are refused, and so is what reaches into values."""
    try:
        fields = _PERCENT.findall(text) if percent else [
            f"{place}:{spec}" for _, place, spec, _ in string.Formatter().parse(text) if place is not None
        ]  # fmt: skip
        if len(text) > _LONGEST or any(_WIDE.search(one) for one in fields):
            raise NotConstant
        return text % values if percent else text.format(*values, **(named or {}))
    except (ValueError, TypeError, LookupError, AttributeError):
        raise NotConstant from None
