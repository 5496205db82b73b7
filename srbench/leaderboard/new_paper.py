"""A paper's folder out of a table file: ``paper.toml``, the cells, its citations and its report, to be looked over."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from srbench.errors import SrbenchError
from srbench.leaderboard import bibliography, published
from srbench.leaderboard.audit import own_file
from srbench.leaderboard.audit.own_file import OwnCell, OwnColumn
from srbench.leaderboard.published import method_of
from srbench.leaderboard.schema import CSV_COLUMNS
from srbench.models.registry import cards
from srbench.paths import shipped_root
from srbench.quantities import DEFAULT_QUALITY
from srbench.writing import write_text

TABLE = "t1"
_NUMBERED = re.compile(r"\[\d+\]\s*$")


@dataclass(frozen=True)
class About:
    """What is said of a paper; the numbers come from its table."""

    key: str
    title: str
    short: str
    authors: tuple[str, ...]
    venue: str
    year: int
    url: str = ""
    source: str = ""
    number: str = "Table 1"
    protocol: str = "y-matlab"
    cost_size: tuple[int, int] | None = None
    """HR (height, width) that costs are printed for, where the paper says so."""


@dataclass(frozen=True)
class NewPaper:
    """What was written, and how the rows were read: the model of each, "" where none is registered by that title."""

    files: tuple[Path, ...]
    columns: tuple[str, ...]
    models: Mapping[str, str]
    marked: bool
    uncited: tuple[str, ...]
    """Rows with a citation number whose entry is not known."""


def write_paper(about: About, file: Path, root: Path, scale: int | None = None) -> NewPaper:
    """Write the folder of a paper with one table, under ``root``, and the spec of its report.

    Args:
        about: title, authors and the like.
        file: CSV or TeX, as ``srbench audit`` takes one's own table.
        root: folder with ``leaderboards/`` and ``reports/``.
        scale: of all rows, where the table has no column for it.

    Raises:
        SrbenchError: a key that is taken or is no key, or a table that cannot be read.
    """
    if not re.fullmatch(r"[a-z][a-z0-9]*\d{4}", about.key):
        raise SrbenchError(f"'{about.key}' is no key of a paper; give the method and the year, such as imdn2019.")
    folder = root / "leaderboards" / "published" / about.key
    if folder.exists():
        raise SrbenchError(f"'{folder}' exists already and is left as it is; give another key, or edit what is there.")
    columns, cells = own_file.read(file, scale)
    models = {cell.label: _model_of(cell.label) for cell in cells}
    marked = sorted({cell.mark for cell in cells} - {"none"})
    texts = {
        folder / "paper.toml": _paper_toml(about, columns, cells, scale),
        folder / f"{TABLE}.csv": _cells_csv(cells, models),
        root / "reports" / "specs" / f"{about.key}.toml": _spec_toml(about),
    }
    cited, uncited = _citations(models, root)
    for path, text in texts.items():
        write_text(path, text)
    changed = _write_citations({**cited, **_own_rows(models, about)}, about.key, root)
    return NewPaper((*texts, *changed), tuple(column.header for column in columns), models, bool(marked), uncited)


def _model_of(label: str) -> str:
    """The registered model whose title a row bears."""
    plain = re.sub(r"\s*\(ours\)", "", method_of(label), flags=re.IGNORECASE).strip().lower()
    return next((card.name for card in cards() if plain in (card.title.lower(), card.name)), "")


def _text(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)


def _list(values: Iterable[str]) -> str:
    return f"[{', '.join(map(_text, values))}]"


def _column_toml(column: OwnColumn) -> str:
    unit = "" if set(column.metrics) & set(DEFAULT_QUALITY) else column.unit
    parts = [f"header = {_text(column.header)}", f"metrics = {_list(column.metrics)}"]
    parts += [f"dataset = {_text(column.dataset)}"] if column.dataset else []
    parts += [f"unit = {_text(unit)}"] if unit else []
    return f"  {{ {', '.join(parts)} }},"


def _paper_toml(about: About, columns: Sequence[OwnColumn], cells: Sequence[OwnCell], scale: int | None) -> str:
    used = [column for column in columns if any(cell.column == column for cell in cells)]
    quality = any(cell.metric in DEFAULT_QUALITY for cell in cells)
    where = "caption" if scale is not None else "column" if any(cell.scale for cell in cells) else "none"
    meanings = {"bold": "best", "underline": "second"}
    marks = [f"{mark} = {_text(meanings[mark])}" for mark in sorted({cell.mark for cell in cells} - {"none"})]
    size = about.cost_size
    lines = [
        f"key = {_text(about.key)}", f"title = {_text(about.title)}", f"short = {_text(about.short)}",
        f"authors = {_list(about.authors)}", f"venue = {_text(about.venue)}", f"year = {about.year}",
        f"url = {_text(about.url)}", f"source = {_text(about.source or 'the paper')}",
        f'bibtex = """\n{_escaped(_bibtex(about))}\n"""', "", "[[tables]]", f"id = {_text(TABLE)}",
        f"number = {_text(about.number)}", f"caption = {_text(f'The table of {about.short}.')}",
        f"kind = {_text('quality' if quality else 'cost')}", f"rows = {len({cell.row for cell in cells})}",
        'row_header = ["Method"]' if where != "column" else 'row_header = ["Method", "Scale"]',
        f"scale_in = {_text(where)}",
        f"marks = {{ {', '.join(marks)} }}" if marks else 'marks_note = "The table carries no marks."',
        *([f"protocol = {_text(about.protocol)}"] if quality else []),
        *([f'cost = {{ stated = "HR {size[1]}x{size[0]}", convention = "macs", hr_size = {list(size)} }}']
          if size else []),
        "columns = [", *map(_column_toml, used), "]", "",
    ]  # fmt: skip
    return "\n".join(lines)


def _bibtex(about: About) -> str:
    return (
        f"@inproceedings{{{about.key},\n  author    = {{{' and '.join(about.authors)}}},\n"
        f"  title     = {{{about.title}}},\n  booktitle = {{{about.venue}}},\n  year      = {{{about.year}}}\n}}"
    )


def _escaped(text: str) -> str:
    """For a TOML string of several lines: TeX writes accents with backslashes."""
    return text.replace("\\", "\\\\").replace('"', '\\"')


def _cells_csv(cells: Sequence[OwnCell], models: Mapping[str, str]) -> str:
    numbers = {row: number for number, row in enumerate(dict.fromkeys(cell.row for cell in cells))}
    held = io.StringIO()
    writer = csv.writer(held, lineterminator="\n")
    writer.writerow(CSV_COLUMNS)
    for cell in cells:
        about = (numbers[cell.row], cell.label, models[cell.label], cell.scale or "")
        writer.writerow((*about, cell.column.dataset, cell.metric, cell.text, cell.mark, ""))
    return held.getvalue()


def _spec_toml(about: About) -> str:
    title = f"{about.short} ({about.year})"
    intro = f"The table of {about.short} as printed, and what is measured here."
    return (
        f'name = {_text(about.key)}\nkind = "paper"\npaper = {_text(about.key)}\ntitle = {_text(title)}\n'
        f"intro = {_text(intro)}\n"
    )


def _own_rows(models: Mapping[str, str], about: About) -> dict[str, str]:
    """The rows of the paper's own method."""
    return {method_of(label): about.key for label in models if re.search(r"\(ours\)|^ours$", label, re.IGNORECASE)}


def _citations(models: Mapping[str, str], root: Path) -> tuple[dict[str, str], tuple[str, ...]]:
    """Keys of the rows with a citation number that ``root`` does not know yet, and the rows without one."""
    numbered = [label for label in models if _NUMBERED.search(label)]
    here = root / "leaderboards"
    unknown = [label for label in numbered if bibliography.row_key(label, here) is None]
    papers = {card.name: card.paper for card in cards()}
    shipped = bibliography.entries(shipped_root() / "leaderboards")
    found = {method_of(label): papers[models[label]] for label in unknown if papers.get(models[label]) in shipped}
    return found, tuple(label for label in unknown if method_of(label) not in found)


def _write_citations(cited: Mapping[str, str], own: str, root: Path) -> list[Path]:
    """Put rows into ``citations.toml`` and their entries into ``references.bib``; the files that changed."""
    here = root / "leaderboards"
    new = {row: key for row, key in cited.items() if bibliography.row_key(row, here) is None}
    if not new:
        return []
    file = here / "citations.toml"
    text = file.read_text(encoding="utf-8") if file.is_file() else ""
    lines = "".join(f"{_text(row)} = {_text(key)}\n" for row, key in new.items())
    heading = "[rows]\n"
    text = text.replace(heading, f"{heading}{lines}", 1) if heading in text else f"{text}\n{heading}{lines}"
    write_text(file, text)
    lacking = [key for key in dict.fromkeys(new.values()) if key != own and key not in bibliography.entries(here)]
    if not lacking:
        return [file]
    shared = here / "references.bib"
    before = shared.read_text(encoding="utf-8") if shared.is_file() else ""
    write_text(shared, f"{before}\n{bibliography.bibtex(lacking, shipped_root() / 'leaderboards')}")
    return [file, shared]


def published_tables(root: Path) -> list[published.Problem]:
    """What the check of all tables says once the paper is there."""
    return [*published.check(root / "leaderboards"), *bibliography.check(root / "leaderboards")]
