"""What a site calls itself and which pages it has: ``site.toml`` beside its leaderboards; srbench's own has none."""

from __future__ import annotations

import base64
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from srbench.errors import SrbenchError, unknown_name
from srbench.leaderboard.published import read_toml
from srbench.paths import data_root
from srbench.report.page import PAGES, Page

FILE = "site.toml"
DESCRIPTION = (
    "Super-resolution models measured on the same pixels under named protocols, beside what their papers printed."
)
_KINDS = {".svg": "image/svg+xml", ".png": "image/png", ".jpg": "image/jpeg", ".webp": "image/webp"}
_LARGEST = 200_000


class SiteConfig(BaseModel):
    """The heading of every page, the first lines of the front page, and the pages beside those of the reports."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: str = Field(default="srbench", min_length=1)
    description: str = DESCRIPTION
    logo: str = Field(default="", description="SVG, PNG, JPEG or WebP beside site.toml, set into every page.")
    repository: str = Field(default="", description="URL that the front page links to.")
    pages: tuple[str, ...] | None = Field(
        default=None, description="Pages beside those of the reports; srbench's own are there only if named."
    )


def site_config(root: Path | None = None) -> SiteConfig:
    """The site of a data root; that of srbench where there is no ``site.toml``.

    Raises:
        SrbenchError: the file breaks the schema.
    """
    file = (root or data_root()) / FILE
    if not file.is_file():
        return SiteConfig()
    try:
        return SiteConfig.model_validate(read_toml(file))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        known = ", ".join(SiteConfig.model_fields)
        raise SrbenchError(
            f"'{file}' breaks the schema of a site: {where}: {first['msg']}; known are {known}."
        ) from error


def chosen_pages(config: SiteConfig) -> tuple[Page, ...]:
    """The pages that a site has beside its reports, in their order: all that are registered, or those it names.

    Raises:
        SrbenchError: a page that is not registered.
    """
    if config.pages is None:
        return tuple(PAGES)
    known = PAGES.names()
    for name in config.pages:
        if name not in known:
            raise unknown_name(f"page of {FILE}", name, known)
    return tuple(PAGES.get(name) for name in config.pages)


def logo_uri(config: SiteConfig, root: Path | None = None) -> str:
    """The logo as a data URI, '' where there is none.

    Raises:
        SrbenchError: the file is missing, of another kind, or too large to stand in every page.
    """
    if not config.logo:
        return ""
    file = (root or data_root()) / config.logo
    kind = _KINDS.get(file.suffix.lower())
    if kind is None or not file.is_file():
        raise SrbenchError(f"the logo '{file}' of {FILE} is no file of {', '.join(_KINDS)}; give another, or none.")
    data = file.read_bytes()
    if len(data) > _LARGEST:
        raise SrbenchError(f"the logo '{file}' of {len(data)} bytes stands in every page; give at most {_LARGEST}.")
    return f"data:{kind};base64,{base64.b64encode(data).decode('ascii')}"
