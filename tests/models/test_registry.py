"""Names, cards, genealogy and the hash of a network's source."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from srbench.cli.main import app
from srbench.errors import SrbenchError
from srbench.models.genealogy import edges_of, genealogy
from srbench.models.networks import build_network
from srbench.models.outline import outline
from srbench.models.registry import cards, get_card, model_names, register
from srbench.models.source import source_files, source_hash
from srbench.models.weights import bundled_dir

MODERN = {
    "rlfn2022", "bsrn2022", "vapsr2022", "efdn2022", "fiwhn2022", "lkdn2023", "etds2023", "dipnet2023", "safmn2023",
    "cfsr2024", "smfanet2024", "plainusr2024", "span2024", "lmlt2024",
}  # fmt: skip


def test_an_unknown_name_gets_the_nearest_ones() -> None:
    with pytest.raises(SrbenchError, match=r"unknown model 'rfdnn'; did you mean .*rfdn"):
        get_card("rfdnn")


def test_a_name_is_taken_once() -> None:
    card = get_card("rfdn")
    assert register(card) is card
    with pytest.raises(SrbenchError, match=r"model name 'rfdn' is taken already; give the new model another name"):
        register(card.model_copy(update={"title": "Another"}))


def test_cards_are_whole() -> None:
    for card in cards():
        assert card.variant_of is None or card.variant_of in model_names(), card.name
        assert card.equivalent_to is None or card.equivalent_to in model_names(), card.name
        assert (card.network is None) != (card.interpolation is None), card.name
        assert card.network is None or set(card.params) == set(card.scales), card.name
        for entry in card.weights:
            assert (entry.url is None) != (entry.file is None), card.name
            assert entry.file is None or (bundled_dir() / entry.file).is_file(), card.name


def test_released_weights_are_those_of_the_manifest(assets: Path) -> None:
    rows = [line.split(",") for line in (assets / "MANIFEST.csv").read_text().splitlines()[1:]]
    known = {url: (sha256, int(size)) for url, _path, size, sha256 in rows}
    for card in cards():
        for entry in card.weights:
            if entry.url is not None:
                assert known[entry.url] == (entry.sha256, entry.bytes), card.name


def test_listing_imports_no_torch() -> None:
    code = "import sys\nfrom srbench.cli.main import app\n" + (
        "app(['list', 'models', '--json'], standalone_mode=False)\nprint('torch' in sys.modules, file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    rows = {row["name"]: row for row in json.loads(done.stdout)}
    assert done.stderr.strip().splitlines()[-1] == "False"
    assert rows["rfdn"]["params"] == {"2": 534036, "3": 540531, "4": 549624}
    assert rows["bicubic"]["weights"]["4"] == "not needed"


@pytest.mark.parametrize("what", ["models", "datasets", "protocols", "results"])
def test_every_list_is_a_table_and_json(what: str, tmp_path: Path) -> None:
    arguments = ["list", what, "--results", str(tmp_path)]
    table, data = (CliRunner().invoke(app, arguments + more, catch_exceptions=False) for more in ([], ["--json"]))
    assert table.exit_code == data.exit_code == 0
    rows = json.loads(data.stdout)
    assert len(table.stdout.splitlines()) == (len(rows) + 1 if rows else 0)
    assert rows or what == "results"


def test_show_prints_card_lineage_diagram_and_layers() -> None:
    shown = CliRunner().invoke(app, ["show", "e-rfdn", "--layers"], catch_exceptions=False).stdout
    for text in (
        "RGB in [0, 255]",
        "at least 15x15",
        "11af8ec8ebd68689e90ef1e29044f9804c72d3bd9f7573820b7b26035782760c",
        "distillation-frame  from imdn2019",
        "0 ... 3: 4 x RFDB",
        "blocks.3.attention.expand",
    ):
        assert text in shown
    total = next(line.split() for line in shown.splitlines() if line.split()[:1] == ["total"])
    assert total[1] == "433,448"


def test_show_json_has_layers_that_sum_to_the_totals() -> None:
    shown = json.loads(CliRunner().invoke(app, ["show", "lrfdn", "--json"], catch_exceptions=False).stdout)
    assert sum(row["params"] for row in shown["layers"]) == shown["card"]["params"]["4"] == 198_032
    assert sum(row["macs"] for row in shown["layers"]) == shown["macs"]


def test_the_outline_folds_what_repeats() -> None:
    lines = outline(build_network("imdn", 4))
    assert "    0 ... 5: 6 x IMDB" in lines
    assert sum("IMDB" in line for line in lines) == 1


def test_genealogy_names_every_block_and_its_paper() -> None:
    edges = genealogy()
    assert {e.model for e in edges if e.block == "distillation-frame"} == {
        "imdn",
        "rfdn",
        "aidn",
        "lrfdn",
        "bsrn",
        "lkdn",
    }
    assert [e.block for e in edges if e.model == "rfdn" and e.own] == ["FDC", "SRB"]
    for card in cards():
        assert edges_of(card) or card.network is None, card.name


def test_the_source_hash_covers_what_a_network_is_made_of(tmp_path: Path) -> None:
    modules = set(source_files(get_card("arfdn")))
    assert modules == {f"srbench.models.{name}" for name in ("aidn2022", "rfdn2020", "blocks", "keys")}
    assert len({source_hash(get_card(name)) for name in ("rfdn", "rfdn-l", "e-rfdn", "aidn")}) == 4
    net = tmp_path / "net.py"
    net.write_text("a = 1\n")
    card = get_card("rfdn").model_copy(update={"network": f"{net}:Net"})
    before = source_hash(card)
    net.write_text("a = 2\n")
    assert source_hash(card) != before


def test_show_says_the_licence_of_the_code_and_that_of_the_weights() -> None:
    shown = {name: CliRunner().invoke(app, ["show", name], catch_exceptions=False).stdout for name in ("span", "vapsr")}
    assert "licence    public code Apache-2.0; released weights MIT; bundled weights MIT\n" in shown["span"]
    assert "licence    public code none stated; released weights none stated\n" in shown["vapsr"]
    assert all(card.code_licence for card in cards() if card.weights and card.paper in MODERN)
