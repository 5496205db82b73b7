"""Every verb's --help: two examples, of options that there are; long ones in sections."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator

import click
import pytest
from click.testing import CliRunner

from srbench.cli.main import app
from srbench.cli.verbs import VERBS

MANY = 14
"""Options above which they stand in sections."""


def verbs() -> Iterator[tuple[str, ...]]:
    """Every verb and subcommand of srbench's own."""
    for verb in VERBS:
        yield (verb.name,)
        command = verb.resolved()
        if isinstance(command, click.Group):
            yield from ((verb.name, name) for name in command.list_commands(click.Context(command)))


def command_of(words: tuple[str, ...]) -> click.Command:
    found = VERBS.get(words[0]).resolved()
    for word in words[1:]:
        assert isinstance(found, click.Group)
        inner = found.get_command(click.Context(found), word)
        assert inner is not None, words
        found = inner
    return found


@pytest.mark.parametrize("words", list(verbs()), ids=" ".join)
def test_help_has_two_examples_that_can_be_typed(words: tuple[str, ...]) -> None:
    shown = CliRunner().invoke(app, [*words, "--help"], terminal_width=200)
    assert shown.exit_code == 0, shown.output
    examples = [line.strip() for line in shown.output.partition("Examples:")[2].splitlines()[1:] if "srbench " in line]
    examples = [line for line in examples if line.startswith("srbench ")]
    assert len(examples) >= 2, shown.output
    for line in examples:
        typed = shlex.split(line.partition("#")[0])[1:]
        assert tuple(typed[: len(words)]) == words, line
        deeper = len(words) + (1 if isinstance(command_of(words), click.Group) else 0)
        command = command_of(tuple(typed[:deeper]))
        known = {name for param in command.params for name in (*param.opts, *param.secondary_opts)} | {"--help"}
        options = [word.partition("=")[0] for word in typed if re.match(r"--?[a-z]", word)]
        strange = [name for name in options if name not in known and not re.match("--(max|min)-", name)]
        assert not strange, line


def test_long_helps_stand_in_sections() -> None:
    for words in verbs():
        command = command_of(words)
        options = [param for param in command.params if isinstance(param, click.Option)]
        if len(options) > MANY:
            shown = CliRunner().invoke(app, [*words, "--help"]).output
            sections = re.findall(r"^(Models|Images|Measuring|Computing|Output|Others):$", shown, re.MULTILINE)
            assert len(sections) >= 3, words
            assert not re.search(r"^Options:$", shown, re.MULTILINE), words
