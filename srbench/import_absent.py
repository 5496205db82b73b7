"""Packages that are not there: they can be imported as long as nothing of them is used."""

from __future__ import annotations

from importlib.abc import Loader
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any


class Empty(ModuleType):
    """A package that is not there: it can be imported, and what is taken from it, but nothing of it can be used."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.__path__: list[str] = []

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return Absent(f"{self.__name__}.{name}")


class Absent:
    """Something of a package that is not there; using it is an error that names it."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return Absent(f"{self._name}.{name}")

    def __call__(self, *_arguments: Any, **_values: Any) -> Any:
        """Refuse to be used."""
        name = self._name.partition(".")[2]
        package = name.partition(".")[0]
        raise ModuleNotFoundError(f"'{name}' is used, but '{package}' is not installed", name=package)

    def __mro_entries__(self, _bases: tuple[Any, ...]) -> tuple[type, ...]:
        absent = self

        def __init__(_self: Any, *arguments: Any, **values: Any) -> None:
            absent(*arguments, **values)

        return (type(self._name.rpartition(".")[2], (), {"__init__": __init__}),)


class EmptyLoader(Loader):
    """Makes empty modules."""

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """A module without anything in it."""
        return Empty(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """Nothing to run."""
