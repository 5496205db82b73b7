"""The verbs of ``srbench``: names and one-line helps. Their modules are imported on use only."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import click

from srbench.errors import SrbenchError
from srbench.registry import Registry


@dataclass(frozen=True)
class Verb:
    """A verb: ``command`` is a click command, or a reference "module:attribute" to one, imported when it is used."""

    name: str
    help: str
    command: click.Command | str

    def __post_init__(self) -> None:
        from srbench.plugins import require_name

        require_name("verb", self.name)
        reference = isinstance(self.command, str) and ":" in self.command
        if not isinstance(self.help, str) or not (reference or isinstance(self.command, click.Command)):
            raise SrbenchError(
                f"verb '{self.name}' has help {self.help!r} and command {self.command!r}; expected a text, and a click "
                "command or a reference 'module:attribute' to one."
            )

    def resolved(self) -> click.Command:
        """The click command.

        Raises:
            SrbenchError: the reference leads nowhere, or to something else.
        """
        if isinstance(self.command, click.Command):
            return self.command
        from srbench.plugins import import_attribute

        found = import_attribute(self.command)
        if not isinstance(found, click.Command):
            raise SrbenchError(f"verb '{self.name}': '{self.command}' is a {type(found).__name__}, no click command.")
        return found


def _own(name: str, text: str) -> Verb:
    return Verb(name, text, f"srbench.cli.{name.replace('-', '_')}:command")


def _built_in() -> tuple[Verb, ...]:
    return (
        _own("run", "Evaluate models on datasets; table, JSON and HTML."),
        _own("list", "List models, datasets, protocols, quantities and all else that is registered."),
        _own("show", "Print a model's card, layers and block diagram."),
        _own("fetch", "Download weights and datasets, verified by hash."),
        _own("data", "Verify a folder of images against a known dataset."),
        _own("eval-images", "Score folders of SR images against HR; no model, no torch."),
        _own("explain-metric", "The same pixels under every known PSNR/SSIM convention."),
        _own("profile", "Parameters, MACs, activations and peak memory; no weights needed."),
        _own("time", "Runtimes one can defend: processes, warm-up, rounds, intervals."),
        _own("doctor", "Describe this machine and what is wrong with it for measuring; --witness checks the numbers."),
        _own("compare", "One image through several models, with crops and error maps."),
        _own("train", "Train a registered model by a recipe."),
        _own("table", "The table of a paper from stored results, with printed rows beside them."),
        _own("plot", "The figure of a paper from stored results, any quantity against any other."),
        _own("choose", "Which models fit a budget, and which of them no other beats."),
        _own("export", "A network as ONNX or TorchScript, compared with torch in pixels and PSNR."),
        _own("significance", "Whether two methods differ by more than the choice of test images."),
        _own("report", "Regenerate the pages and tables of papers."),
        _own("results", "Look after folders of results: bring old ones up to date."),
        _own("leaderboard", "Check and print published and measured tables."),
        _own("audit", "Check the published tables by computation."),
        _own("init-site", "Start a lab's own leaderboard: results, pages and workflows."),
        _own("new-model", "Start a package with a network of your own and a test."),
        _own("challenge", "Check, measure and rank submissions to efficient-SR challenges."),
    )


def _verb(command: click.Command, name: str = "") -> Verb:
    """A click command as a verb: under its own name, or another."""
    return Verb(name or str(command.name), command.get_short_help_str(80), command)


def _of_entry_point(name: str, value: Any) -> Iterable[Verb]:
    """A :class:`Verb`, several of them, or a click command under the entry point's own name."""
    if isinstance(value, click.Command):
        return (_verb(value, name),)
    return tuple(value) if isinstance(value, (list, tuple)) else (value,)


class Verbs(Registry[Verb]):
    """The registry of verbs, which takes bare click commands too."""

    def add(self, *items: Verb | click.Command) -> None:
        """Make verbs known: each a :class:`Verb`, or a click command under its own name.

        Raises:
            SrbenchError: one of them is neither, or its name is taken by another.
        """
        super().add(*(_verb(item) if isinstance(item, click.Command) else item for item in items))


VERBS = Verbs("verb", Verb, built_in=_built_in, group="srbench.verbs", from_entry_point=_of_entry_point)
"""Verbs by name, in the order of ``srbench --help``."""
