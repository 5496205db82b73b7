"""The jinja2 environment of all pages: strict, escaped, nothing from the network."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from srbench.printable import visible
from srbench.quantities.number_text import count_text
from srbench.report.runtable import slug

_TEMPLATES = Path(__file__).parent / "templates"


@cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_TEMPLATES),
        autoescape=jinja2.select_autoescape(enabled_extensions=("html", "j2"), default_for_string=True),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        finalize=_shown,
    )
    environment.filters.update(
        params=count_text,
        slug=slug,
    )
    environment.globals["raw"] = _raw
    environment.globals["brand"] = _brand
    return environment


def _shown(value: Any) -> Any:
    """What is set into a page: text of strangers without characters that act; markup of our own as it is."""
    return visible(value, lines=True) if type(value) is str else value


def script_json(data: Any) -> Markup:
    """Data for a script element of a page: text of strangers without characters that act, and no end of the element."""
    text = json.dumps(_harmless(data), ensure_ascii=False, separators=(",", ":"))
    return Markup(text.replace("<", "\\u003c"))


def _harmless(data: Any) -> Any:
    if isinstance(data, str):
        return visible(data, lines=True)
    if isinstance(data, dict):
        return {_harmless(key): _harmless(value) for key, value in data.items()}
    return [_harmless(value) for value in data] if isinstance(data, (list, tuple)) else data


def _brand() -> dict[str, str]:
    """Title and logo of the site that the present data root is, at the top of every page."""
    from srbench.report.site_config import logo_uri, site_config

    config = site_config()
    return {"title": config.title, "logo": logo_uri(config)}


@cache
def _raw(name: str) -> str:
    """A template folder's CSS or JS file, to be set into a page as it is."""
    return Markup((_TEMPLATES / name).read_text(encoding="utf-8"))


def page(template: str, **values: Any) -> str:
    """Render ``template`` to one self-contained HTML page."""
    return _environment().get_template(template).render(**values)
