"""A page with a large made-up table, for a test and a benchmark."""

from __future__ import annotations

from samples import MACHINES, record, results

from srbench.report import run_page


def page_with_a_large_table(rows: int = 200, columns: int = 40) -> str:
    """A run's page whose table was replaced by one of ``rows`` by ``columns``."""
    head = "".join(
        f'<th scope="col" data-col="{i}" aria-sort="none"><button>c{i}</button></th>' for i in range(columns)
    )
    body = "".join(
        f'<tr data-key="k{row}"><th scope="row" data-v="row {row}">row {row}</th>'
        + "".join(f'<td data-v="{(row * 7919 + at * 31) % 1000}">{(row * 7919 + at * 31) % 1000}</td>'
                  for at in range(columns - 1))
        + "</tr>"
        for row in range(rows)
    )  # fmt: skip
    text = run_page.html(results([record()]), MACHINES)
    start = text.index('<section id="tables"')
    end = text.index("</section>", start)
    return (
        f'{text[:start]}<section id="tables"><div class="panel"><div class="scroll">'
        f'<table class="sortable" data-tools="big"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'
        f"</div></div>{text[end:]}"
    )
