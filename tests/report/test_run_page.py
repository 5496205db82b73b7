"""The page of a run, without a browser."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from samples import MACHINES, costs, record, results, zoo

from srbench.errors import SrbenchError
from srbench.report import run_costs, run_file, run_page
from srbench.report.runtable import groups
from srbench.report.scatter import Point, scatter_svg
from srbench.report.scatter_frame import pareto
from srbench.results.collection import Results
from srbench.results.record import Substitution

VOID = {"meta", "link", "br", "img", "input", "hr"}


class Balance(HTMLParser):
    """Collects ids and checks that tags close in order."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.targets: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self.ids += [values["id"] or ""] if "id" in values else []
        link = values.get("href") or ""
        self.targets += [link[1:]] if tag == "a" and link.startswith("#") else []
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        pass

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def parse(html: str) -> Balance:
    parser = Balance()
    parser.feed(html)
    assert parser.open == []
    return parser


def test_the_page_is_a_function_of_the_records() -> None:
    assert run_page.html(results(zoo()), MACHINES) == run_page.html(results(zoo()[::-1]), MACHINES)


def test_nothing_is_fetched_and_every_link_inside_has_its_target() -> None:
    html = run_page.html(results([*zoo(), record(scale=2)]), MACHINES)
    assert not re.search(r'(src|href)="(https?:)?//', html)
    assert "@import" not in html
    page = parse(html)
    assert len(page.ids) == len(set(page.ids))
    assert set(page.targets) <= set(page.ids)


def test_every_row_names_weights_protocol_machine_and_substitutions() -> None:
    html = run_page.html(results(zoo()), MACHINES)
    row = html[html.index('<th scope="row" data-v="ARFDN"') :].split("</tr>")[0]
    for part in ("arfdn.released", "set14 instead of urban100, whose files cannot be had: not reachable"):
        assert part in row
    caption = html[html.index("<caption>") : html.index("</caption>")]  # what holds for all rows stands once, above
    assert 'href="#protocol-y-matlab-1">Scale ×4, protocol y-matlab@1</a>' in caption
    assert 'href="#machine-box-1">box-1</a>' in caption


def test_a_substitution_is_told_once_and_the_row_has_a_short_pill() -> None:
    said = Substitution("weights", "released", "bundled", "the released ones cannot be had")
    html = run_page.html(results([record(weights="imdn.bundled", substitutions=(said,))]), MACHINES)
    visible = re.sub(r'title="[^"]*"', "", html[: html.index('id="charts"')])
    assert ">bundled</span>" in visible
    assert visible.count("not its authors") == visible.count("not its authors&#39;") == 1


def test_counts_have_two_decimals_and_their_exact_integers_as_tooltips() -> None:
    html = run_page.html(results([record(), record("rfdn", 32.24, 0.8952)]), MACHINES)
    assert '<td data-v="40908000000">40.91</td>' in html  # the page's script writes it out as a tooltip
    assert ">40.91<" in html
    assert "#Conv" in html
    assert "PSNR: 1 pair<" in html
    assert "SSIM: 1 pair<" in html


def test_text_from_results_is_escaped() -> None:
    assert "Example CPU &lt;2.5 GHz&gt;" in run_page.html(results(zoo()), MACHINES)


def test_a_missing_machine_file_is_said() -> None:
    assert "no file of this id" in run_page.html(results(zoo()), {})


def test_identical_images_are_not_drawn_but_named() -> None:
    html = run_page.html(results([record(psnr=None, ssim=1.0), record("rfdn")]), MACHINES)
    assert "Not drawn: IMDN inf dB (identical images)" in html


def test_a_run_without_any_quality_still_gives_a_page() -> None:
    html = run_page.html(results(costs("aidn", 4)), MACHINES)
    assert "No quality was measured" in html
    assert "339,498" in html


def test_writing_replaces_the_page_at_once(tmp_path: Path) -> None:
    page = run_file.write(results(zoo()), MACHINES, tmp_path / "new" / "report.html")
    assert "<h1>Results</h1>" in page.read_text(encoding="utf-8")
    assert [file.name for file in page.parent.iterdir()] == ["report.html"]
    (tmp_path / "file").write_text("")
    with pytest.raises(SrbenchError, match="cannot write"):
        run_file.write(results(zoo()), MACHINES, tmp_path / "file" / "report.html")


def test_the_page_of_the_same_results_is_made_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found, file = results(zoo()), tmp_path / "report.html"
    first = run_file.write(found, MACHINES, file).read_bytes()
    assert first == run_page.html(found, MACHINES).encode("utf-8")
    monkeypatch.setattr(run_page, "html", lambda *_given, **_named: "made anew")
    assert run_file.write(found, MACHINES, file).read_bytes() == first
    assert run_file.write(found, {}, file).read_bytes() == b"made anew"
    assert run_file.write(found, MACHINES, file, apart=[("a.json", "why")]).read_bytes() == b"made anew"
    assert run_file.write(found, MACHINES, file, plain=False).read_bytes() == b"made anew"


def test_the_front_holds_what_nothing_cheaper_beats() -> None:
    assert pareto([(5, 1.0), (1, 0.5), (2, 0.4), (3, 1.0)]) == [(1, 0.5), (3, 1.0)]


def test_a_scatter_with_a_single_point_or_equal_points_is_drawn() -> None:
    point = Point(key="k", target="r", label="A<B", x=1e5, y=30.0, kind="released", tip="t")
    assert "A&lt;B" in scatter_svg([point], "x", "y", "t")
    assert scatter_svg([point, point], "x", "y", "t").count('class="pt released"') == 2
    assert scatter_svg([], "x", "y", "t") == ""


def test_memory_compares_between_machines_and_the_rest_is_in_the_tooltip() -> None:
    def measured(machine: str, scratch: int) -> Results:
        timed = next(cost for cost in costs("imdn", 4) if cost.memory is not None)
        assert timed.memory is not None
        whole = timed.memory.total_bytes + scratch
        changes = {"memory": replace(timed.memory, total_bytes=whole), "values": {**timed.values, "memory": whole}}
        return Results.of([record(), timed.model_copy(update={"machine": machine, **changes})])

    one, several = (run_page.html(measured(f"m{n}", n << 20), MACHINES) for n in (0, 48))
    live = (4 * 715_176 + (1 << 22)) / 2**20
    for page, whole in ((one, live), (several, live + 48)):
        assert re.search(rf'data-note="weights [^"]*of convolutions {whole:.1f} MiB on m\d+">{live:.1f}<', page), (
            "what is shown hangs on no machine"
        )


def test_rates_and_runtimes_come_from_one_input_size() -> None:
    (group,) = groups(results([record()]))
    assert run_costs.rate(group.rows[0]) is None  # counted at 256x256, timed at 64x64
    timed = [
        cost.model_copy(update={"values": {**cost.values, "runtime": 11.0}})
        for cost in costs("imdn", 4)
        if cost.input_size == (256, 256)
    ]
    found = Results.of([record(), *timed])
    (group,) = groups(found)
    assert run_costs.rate(group.rows[0]) == pytest.approx(40_908 / 11.0)
    assert "Runtime against MACs" not in run_page.html(found, MACHINES)  # a single point says nothing
