"""``srbench new-model``: a package with one network, its card and a test, to start from."""

from __future__ import annotations

import datetime
import json
import re
from pathlib import Path

import click

from srbench.cli.options import json_option


@click.command("new-model", context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("name")
@click.option("--out", type=click.Path(path_type=Path), metavar="DIR", help="Folder to make; default: srbench-NAME.")
@click.option("--title", help="The name as papers print it; default: NAME in capitals.")
@json_option
def command(name: str, out: Path | None, title: str | None, as_json: bool) -> None:
    """Start a package with a network of your own: card, network, entry point and a test that passes as it is.

    Once it is installed, srbench knows NAME in every verb; until then, --plugin takes its file.

    \b
    Examples:
      srbench new-model mynet
      srbench new-model mynet --title MyNet --out ../mynet
    """
    from srbench.errors import SrbenchError
    from srbench.models.registry import MODELS
    from srbench.report.starters import write_starter

    shown = name.upper() if title is None else title
    if not re.fullmatch(r"[a-z][a-z0-9-]*[a-z0-9]", name):
        raise SrbenchError(f"'{name}' is no name for a model; use lower-case letters, digits and '-', as in 'mynet'.")
    if name in MODELS:
        raise SrbenchError(f"a model '{name}' is registered already; give another name.")
    if not shown.strip() or any(char in shown for char in '"\\\n\r'):
        raise SrbenchError(f"the title {shown!r} is empty or holds a quote, backslash or line end; give a plain one.")
    year = datetime.datetime.now(datetime.timezone.utc).year
    plain = name.replace("-", "_")
    values = {
        "name": name, "title": shown.strip(), "distribution": f"srbench-{name}", "package": f"srbench_{plain}",
        "class_name": "".join(part.capitalize() for part in name.split("-")), "year": str(year),
        "key": f"{plain.replace('_', '')}{year}",
    }  # fmt: skip
    folder = out or Path(f"srbench-{name}")
    files = write_starter("model", folder, values)
    if as_json:
        click.echo(json.dumps({"folder": str(folder), "files": [str(file) for file in files]}, indent=1))
        return
    click.echo(f"{len(files)} files in {folder}; next:")
    click.echo(f"  cd {folder} && python -m pytest tests")
    click.echo(f"  srbench profile --plugin {values['package']}/__init__.py --models {name},imdn --size 720p")
