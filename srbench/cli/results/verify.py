"""``srbench results verify``: whether stored results can be believed, and whether they come out the same again."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import TYPE_CHECKING

import click

from srbench.cli.options import json_option, plugin_option
from srbench.errors import CheckFailed, SrbenchError

if TYPE_CHECKING:
    from srbench.evaluation.verify import Again
    from srbench.results.trust import Believed


@click.command("verify")
@click.argument("folder", required=False, type=click.Path(path_type=Path, file_okay=False))
@click.option("--recompute", default=0, metavar="N", type=click.IntRange(0, 100_000),
              help="Measure N results again, drawn at random.")  # fmt: skip
@click.option("--seed", type=click.IntRange(0, 2**32 - 1), help="Of the draw; by default another one every time.")
@click.option("--no-fetch", is_flag=True, help="Download nothing; what is not here is not measured again.")
@plugin_option
@json_option
def command(folder: Path | None, recompute: int, seed: int | None, no_fetch: bool, as_json: bool) -> None:
    """Check every result in FOLDER (default: srbench's own measured results); exit code 3 if one cannot be believed.

    Means must follow from the images, pixels and released weights have the registered hashes, protocols the registered
    parameters; the source of a registered network is known; numbers are possible; nothing contradicts another.
    With --recompute, N of them are measured again, and must agree to the last printed digit.

    \b
    Examples:
      srbench results verify srbench-results
      srbench results verify --recompute 5 --seed 1
    """
    from srbench.leaderboard.measured import folder_or_default
    from srbench.results import trust

    place = folder_or_default(folder)
    if not place.is_dir():
        raise SrbenchError(f"there is no folder '{place}'; give the one that srbench run --results wrote.")
    read = trust.read(place)
    if not (read.files or read.apart or read.skipped):
        raise SrbenchError(f"the folder '{place}' holds no results; give the one that srbench run --results wrote.")
    from srbench.evaluation import verify

    drawn = random.SystemRandom().randrange(2**32) if seed is None else seed
    chosen = verify.sample(read.files, recompute, drawn)
    done = list(
        verify.again(chosen, fetch=not no_fetch, before_each=lambda path: click.echo(f"again: {path.name}", err=True))
    )
    if as_json:
        click.echo(json.dumps(_json(place, read, done, drawn), indent=1, ensure_ascii=False))
    else:
        _say(place, read, done, drawn)
    wrong = len(read.apart) + len(read.skipped) + sum(one.agrees is False for one in done)
    if wrong:
        raise CheckFailed(f"{wrong} of the files in '{place}' cannot be believed; the list names each with the reason.")


def _say(place: Path, read: Believed, done: list[Again], seed: int) -> None:
    from srbench.results.words import doubt_lines

    for path, reason in read.skipped:
        click.echo(f"{path.name}: it {reason}.")
    for name, why in doubt_lines(read.apart):
        click.echo(f"{name}: {why}")
    for one in done:
        largest = ", ".join(f"{name} {difference:.2g}" for name, difference in one.differences)
        words = {True: "agrees", False: "DIFFERS", None: "not measured"}[one.agrees]
        bits = "to the last bit" if one.same_bits else f"largest difference: {largest}" if largest else one.why
        click.echo(f"{one.path.name}: {words} ({bits})")
    click.echo(f"{len(read.files)} results in {place} can be believed, {len(read.apart) + len(read.skipped)} cannot.")
    if done:
        same = sum(one.agrees is True for one in done)
        out = sum(one.agrees is None for one in done)
        click.echo(f"{same} of {len(done) - out} measured again agree; {out} could not be measured (seed {seed}).")


def _json(place: Path, read: Believed, done: list[Again], seed: int) -> dict[str, object]:
    from srbench.cli.apart_view import apart_json

    again = [
        {"file": str(one.path), "agrees": one.agrees, "same_bits": one.same_bits,
         "differences": dict(one.differences), "why": one.why}
        for one in done
    ]  # fmt: skip
    return {
        "folder": str(place),
        "believed": len(read.files),
        "apart": apart_json(read.apart),
        "skipped_files": [{"file": str(path), "reason": reason} for path, reason in read.skipped],
        "again": again,
        "seed": seed,
    }
