"""``srbench challenge bundle``: what a platform needs to run a challenge, from its rules."""

from __future__ import annotations

import datetime
import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from srbench.cli.challenge._options import rules_option
from srbench.cli.options import json_option, plugin_option

if TYPE_CHECKING:
    from srbench.challenge.verdict import Problem


@click.command("bundle")
@click.option("--platform", required=True, metavar="NAME", help="codabench, codalab or evalai.")
@rules_option
@click.option(
    "--references",
    multiple=True,
    metavar="[SET=]DIR",
    help="Folder of HR images; SET is a dataset of the rules (repeatable), by default the first.",
)
@click.option(
    "--output",
    "-o",
    type=click.Path(path_type=Path),
    metavar="PATH",
    help="Zip (or, without .zip, a folder) to write; default: RULES-PLATFORM.zip.",
)
@click.option(
    "--check",
    "checked",
    type=click.Path(path_type=Path),
    metavar="BUNDLE",
    help="Write nothing; check this bundle, a zip or a folder, by the platform's own rules.",
)
@click.option("--start", type=click.DateTime(["%Y-%m-%d"]), help="First day; default: tomorrow.")
@click.option(
    "--days", type=click.IntRange(1, 3660), default=60, show_default=True, help="Length of each phase but the last."
)
@click.option(
    "--docker-image",
    default="codalab/codalab-legacy:py39",
    show_default=True,
    help="Container image with Python 3.9 or newer, numpy and Pillow.",
)
@click.option("--fail-equal", is_flag=True, help="An image that equals its reference makes a submission invalid.")
@json_option
@plugin_option
def command(
    platform: str,
    rules_id: str,
    references: tuple[str, ...],
    output: Path | None,
    checked: Path | None,
    start: datetime.datetime | None,
    days: int,
    docker_image: str,
    fail_equal: bool,
    as_json: bool,
) -> None:
    """Write a ready bundle for a platform, and check it by the platform's own unpacking rules.

    Exit code 0, or 3 where the check finds anything, such as references that are missing.

    \b
    Examples:
      srbench challenge bundle --platform codabench --rules ntire2026-esr --references valid=HR_DIR
      srbench challenge bundle --platform evalai --rules my-rules.toml --references test=HR_DIR
    """  # fmt: skip
    import sys

    from srbench.challenge.platforms import PLATFORMS, BundleOptions
    from srbench.challenge.platforms.remarks import beside_rules, remarks
    from srbench.errors import SrbenchError
    from srbench.rules import get_rules

    rules = get_rules(rules_id)
    target = PLATFORMS.get(platform)
    wrong: list[Problem] = []
    if checked is None:
        begin = start.date() if start else datetime.date.today() + datetime.timedelta(days=1)
        if begin.year > 9900:
            raise SrbenchError(f"--start {begin} is too late; no platform keeps a challenge until then.")
        options = BundleOptions(_references(references, rules.datasets[0].id), begin, days, docker_image, fail_equal)
        checked = output or Path(f"{rules.id}-{target.name}.zip")
        _write(checked, lambda folder: target.write(folder, rules, options))
        found_notes = remarks(rules, options)
    else:
        wrong, found_notes = beside_rules(checked, rules)
    notes = [note.text for note in found_notes]
    try:
        problems = [*wrong, *target.check(checked)]
    except (TypeError, AttributeError, KeyError, ValueError) as error:  # a stranger's YAML may hold anything anywhere
        raise SrbenchError(f"'{checked}' cannot be understood as a {target.title} bundle: {error}.") from error
    if as_json:
        shown = [problem.as_dict() for problem in problems]
        found = {"bundle": str(checked), "platform": target.name, "problems": shown, "notes": notes}
        click.echo(json.dumps(found, indent=1, ensure_ascii=False))
    else:
        for problem in problems:
            click.echo(f"  {problem.sentence()}")
        for note in notes:
            click.echo(f"  note: {note}")
        many = f"{len(problems)} problem{'s' if len(problems) > 1 else ''}"
        finding = many if problems else "it passes the platform's unpacking rules"
        click.echo(f"{checked}: {target.title} bundle, {finding}")
    sys.exit(3 if problems else 0)


def _references(given: tuple[str, ...], first: str) -> dict[str, Path]:
    from srbench.errors import SrbenchError

    found: dict[str, Path] = {}
    for text in given:
        name, equals, folder = text.partition("=")
        path = Path(folder if equals else text).expanduser()
        if not path.is_dir():
            raise SrbenchError(f"'{path}' is no folder; give --references DIR or SET=DIR with the HR images.")
        found[name if equals else first] = path
    return found


def _write(target: Path, write: Callable[[Path], None]) -> None:
    """Write a bundle whole or not at all; what is there already is replaced only where it is a bundle's zip."""
    import shutil
    import tempfile

    from srbench.challenge.platforms.pack import pack
    from srbench.errors import SrbenchError

    if target.suffix != ".zip" and target.exists():
        raise SrbenchError(f"'{target}' exists; give another --output, or a name that ends in .zip.")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".bundle-") as temporary:
            folder = Path(temporary) / "bundle"
            write(folder)
            if target.suffix == ".zip":
                pack(folder, target)
            else:
                shutil.move(folder, target)
    except OSError as error:
        raise SrbenchError(f"cannot write '{target}': {error.strerror or error}; give another --output.") from error
