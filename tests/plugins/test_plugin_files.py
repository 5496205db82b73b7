"""``--plugin`` files: the examples of docs/plugins.md as they are printed, and files that are wrong."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
import pytest

from srbench.errors import SrbenchError
from srbench.leaderboard.audit import CHECKS, Check, Finding, Material, of_checks
from srbench.models.registry import MODELS, get_card
from srbench.models.source import source_hash
from srbench.plugins import import_file
from srbench.quantities import QUANTITIES, Convention, Quantity
from srbench.report import site
from srbench.report.formats import FORMATS, Export, Format
from srbench.report.page import PAGES, Page
from srbench.report.papers import Data

PAGE = Path(__file__).resolve().parents[2] / "docs" / "plugins.md"
EXAMPLES = dict(re.findall(r"```python\n# (\w+\.py)\n(.*?)```", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL))
NAMES = {
    "quantities": ("quantity.py", {"my-brightness", "my-layers"}),
    "conventions": ("convention.py", {"my-scan"}),
    "operators": ("scan_cost.py", {"my::scan"}),
    "protocols": ("protocol.py", {"my-rgb@1"}),
    "datasets": ("dataset.py", {"my-images"}),
    "models": ("model.py", {"my-nearest"}),
    "recipes": ("recipe.py", {"my-large"}),
    "rules": ("rules.py", {"my-challenge"}),
    "checks": ("check.py", {"my-high"}),
    "pages": ("page.py", {"my-page"}),
    "formats": ("format.py", {"my-pipes"}),
    "verbs": ("verb.py", {"my-hello"}),
}
MAIN = """
import contextlib, io, json, sys
from srbench.cli.main import main

answers = []
for words in json.loads(sys.argv[1]):
    out, err, code = io.StringIO(), io.StringIO(), 0
    sys.argv = ["srbench", *words]
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            main()
        except SystemExit as stop:
            code = int(stop.code or 0)
    answers.append([code, out.getvalue(), err.getvalue()])
print(json.dumps(answers))
"""


def srbench(folder: Path, *commands: str, path: Path | None = None) -> list[tuple[int, str, str]]:
    """Exit code, stdout and stderr of commands that run one after the other in one process."""
    root = Path(__file__).resolve().parents[2]
    search = os.pathsep.join(filter(None, [str(path or ""), str(root), os.environ.get("PYTHONPATH", "")]))
    done = subprocess.run(
        [sys.executable, "-c", MAIN, json.dumps([command.split() for command in commands])],
        env={**os.environ, "PYTHONPATH": search, "COLUMNS": "200"},
        capture_output=True,
        text=True,
        cwd=folder,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return [tuple(answer) for answer in json.loads(done.stdout)]


@pytest.fixture(scope="module")
def examples(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with every example of the page in a file of its own, and two images."""
    folder = tmp_path_factory.mktemp("examples")
    for name, code in EXAMPLES.items():
        (folder / name).write_text(code, encoding="utf-8")
    (folder / "images").mkdir()
    drawn = np.random.default_rng(0).integers(0, 256, (40, 48, 3), dtype=np.uint8)
    for name in ("a", "b"):
        PIL.Image.fromarray(drawn).save(folder / "images" / f"{name}.png")
    return folder


def test_every_example_is_short() -> None:
    assert set(EXAMPLES) == {file for file, _ in NAMES.values()} | {"distance.py"}
    for name, code in EXAMPLES.items():
        lines = [line for line in code.splitlines() if line.strip() and not line.startswith("from __future__")]
        assert len(lines) <= 10, name


def test_every_example_of_the_page_is_known_by_its_name(examples: Path) -> None:
    commands = [f"list {what} --json --plugin {file}" for what, (file, _) in NAMES.items()]
    answers = srbench(examples, *commands, "my-hello --plugin verb.py", "my-hello --plugin=scan_cost.py")
    for (what, (_, names)), (code, out, err) in zip(NAMES.items(), answers, strict=False):
        assert code == 0, err
        assert names <= {row.get("name") or row["id"] for row in json.loads(out)}, what
    assert answers[-2][:2] == (0, "hello\n")
    assert answers[-1][0] == 0  # one process: the verb is known by now


def test_the_examples_work_together_in_a_run(examples: Path) -> None:
    plugins = " ".join(f"--plugin {name}" for name in EXAMPLES)
    run = (
        f"run --models my-nearest,bicubic --datasets my-images --protocol my-rgb --scale 2 --no-runtime --no-html "
        f"--quantities psnr,my-brightness,my-layers,my-fd {plugins} --format "
    )
    listed, piped = srbench(examples, f"{run}csv", f"{run}my-pipes")
    assert listed[0] == piped[0] == 0, listed[2]
    rows = list(csv.DictReader(io.StringIO(listed[1])))
    assert {row["model"] for row in rows} == {"my-nearest", "bicubic"}
    assert all(float(row["my-brightness"]) > 0 and row["my-layers"] == "" for row in rows)  # no networks
    assert all(float(row["my-fd"]) >= 0 for row in rows)
    assert piped[1].startswith("my-nearest|") or piped[1].startswith("bicubic|")


NET = """
from torch import nn
class Net(nn.Sequential):
    def __init__(self, scale=4):
        super().__init__(nn.Conv2d(3, 3 * scale**2, 3, padding=1), nn.PixelShuffle(scale))
"""
CARD = """
from srbench.models import ModelCard, register
from srbench.quantities import QUANTITIES, Quantity
register(ModelCard(name="own-net", title="Own", paper="o", year=2026, scales=(4,), network="net.py:Net"))
def layers(subject):
    return len(list(subject.network))
def fails(subject):
    raise ValueError("no luck")
QUANTITIES.add(Quantity("own-layers", "Layers", "network", layers, style="whole"),
               Quantity("own-luck", "Luck", "network", fails))
"""


def test_quantities_of_networks_stand_in_every_form_of_a_run_and_say_why_they_fail(tmp_path: Path) -> None:
    """The network's file lies beside the plugin's, and the command runs elsewhere."""
    (tmp_path / "there").mkdir()
    (tmp_path / "there" / "net.py").write_text(NET, encoding="utf-8")
    (tmp_path / "there" / "card.py").write_text(CARD, encoding="utf-8")
    asked = "--quantities psnr,own-layers,macs:fvcore,depth,own-luck"
    run = f"run --models own-net --weights none --no-runtime --plugin there/card.py {asked}"
    forms = ("csv", "latex", "markdown", "typst", "html")
    known = "table srbench-results --columns macs:fvcore,own-layers --format csv"
    table, *answers, counted = srbench(
        tmp_path,
        run,
        *(f"{run} --no-html --format {form}" for form in forms),
        f"{known} --plugin there/card.py",
    )
    (without,) = srbench(tmp_path, "table srbench-results --columns macs:fvcore --format csv")
    assert [table[0], *(answer[0] for answer in answers)] == [0] * 6, table[2]
    for words in ("Layers", "MACs (fvcore)", "Depth", "HR 1280x720", "no Luck: ValueError: no luck"):
        assert all(words in answer[1] for answer in (table, *answers[1:])), words
    (row,) = csv.DictReader(io.StringIO(answers[0][1]))
    macs = 3 * 48 * 9 * 180 * 320
    assert (row["own-layers"], row["macs:fvcore"], row["depth"], row["own-luck"]) == ("2", str(macs), "1", "")
    page = (tmp_path / "srbench-results" / "report.html").read_text(encoding="utf-8")
    assert ">Layers</button>" in page
    assert "no Luck: ValueError: no luck" in page
    (line,) = csv.DictReader(io.StringIO(counted[1]))
    assert (float(line["macs:fvcore"]), float(line["own-layers"])) == (macs, 2)
    assert "quantity 'own-layers' of these results is not known here and left out" in without[2]


def test_a_network_beside_the_plugin_is_found_and_its_place_is_no_part_of_its_hash(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashes = []
    for place in ("one", "two"):
        (tmp_path / place).mkdir()
        (tmp_path / place / "net.py").write_text(NET, encoding="utf-8")
        file = tmp_path / place / "card.py"
        file.write_text(CARD, encoding="utf-8")
        monkeypatch.chdir(tmp_path)
        with MODELS.scoped(), QUANTITIES.scoped():
            import_file(file)
            card = get_card("own-net")
            assert card.network == f"{(tmp_path / place / 'net.py').resolve()}:Net"
            hashes.append(source_hash(card))
    assert hashes[0] == hashes[1]


BAD = {
    "badpkg.py": "import click\nfrom srbench.cli.verbs import Verb\nTEXT = 'text'\nTAKEN = Verb('run', 'x', 'a:b')\n",
    "badpkg-0.1.dist-info/METADATA": "Metadata-Version: 2.1\nName: badpkg\nVersion: 0.1\n",
    "badpkg-0.1.dist-info/entry_points.txt": (
        "[srbench.verbs]\ntext = badpkg:TEXT\ntaken = badpkg:TAKEN\nabsent = badpkg:NOPE\n"
    ),
}


def test_wrong_entry_points_of_a_package_end_no_command(tmp_path: Path) -> None:
    for name, text in BAD.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    ((code, out, err),) = srbench(tmp_path, "--help", path=tmp_path)
    assert code == 0
    assert "Evaluate models on datasets" in out
    text, taken, absent = (f"warning: entry point '{n}' of group srbench.verbs of package 'badpkg' was skipped: "
                           for n in ("text", "taken", "absent"))  # fmt: skip
    assert f"{text}got a str where a verb is registered; expected Verb; fix or uninstall 'badpkg'." in err
    assert f"{taken}verb name 'run' is taken already" in err
    assert f"{absent}AttributeError" in err


QUANTITY: dict[str, Any] = {"name": "q", "title": "Q", "needs": "sr", "measure": len}


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"name": "my quantity"}, "'my quantity' is no name of a quantity; expected a text in lower case"),
        ({"name": "a,b"}, "'a,b' is no name"),
        ({"name": "Big"}, "'Big' is no name"),
        ({"needs": "hr"}, r"quantity 'q': needs is 'hr'; expected one of sr\+hr, sr, set, network, timing"),
        ({"direction": "up"}, "direction is 'up'; expected one of higher, lower, none"),
        ({"style": "int"}, "style is 'int'; expected one of fixed, count"),
        ({"digits": "2"}, "digits is '2'; expected a whole number"),
        ({"measure": 5}, "quantity 'q': measure is 5; expected a function, or a reference 'module:function'"),
    ],
)
def test_a_wrong_quantity_is_refused_when_it_is_made(wrong: dict[str, Any], says: str) -> None:
    with pytest.raises(SrbenchError, match=says):
        Quantity(**{**QUANTITY, **wrong})


def test_wrong_objects_of_other_kinds_are_refused_when_they_are_made() -> None:
    with pytest.raises(SrbenchError, match="convention 'c': price is 5; expected a function"):
        Convention("c", "C", 5)  # type: ignore[arg-type]
    with pytest.raises(SrbenchError, match="'two words' is no name of a format"):
        Format("two words", "txt", str)
    with pytest.raises(SrbenchError, match="page 'p': render is None"):
        Page("p", "P", None)  # type: ignore[arg-type]
    with pytest.raises(SrbenchError, match="finding 'f' has the severity 'awful'; expected claim, ranking"):
        Finding("f", "k", "awful", "suspicious", "a", "b", "c")  # type: ignore[arg-type]


def test_what_a_plugins_function_does_wrong_names_it() -> None:
    export = Export("s", (), ())
    with FORMATS.scoped(), CHECKS.scoped():
        nothing, raises = Format("nothing", "txt", lambda export: None), Format("raises", "txt", lambda export: 1 / 0)  # type: ignore[arg-type, return-value]
        FORMATS.add(nothing, raises)
        with pytest.raises(SrbenchError, match="format 'nothing' of a plugin gave nothing; expected a text"):
            nothing.text(export)
        with pytest.raises(
            SrbenchError, match=r"format 'raises' of a plugin raised ZeroDivisionError .* division by zero"
        ):
            raises.text(export)
        CHECKS.add(Check("five", "fivekind", "F", lambda material: 5))  # type: ignore[arg-type, return-value]
        with pytest.raises(SrbenchError, match="audit check 'five' of a plugin gave a int; expected Checks"):
            of_checks(Material((), ()), ["fivekind"])


def test_a_page_that_fails_leaves_the_rest_of_the_site_and_a_text_is_a_page() -> None:
    def fails(data: Data) -> str:
        return data.nope  # type: ignore[attr-defined, no-any-return]

    pages = (
        Page("my-fails", "Fails", fails, inputs=("data",)),
        Page("my-five", "Five", lambda data: 5, inputs=("data",)),  # type: ignore[arg-type, return-value]
        Page("my-text", "Text", lambda data: "<!doctype html><title>T</title>", inputs=("data",)),
    )
    with PAGES.scoped():
        PAGES.add(*pages)
        made = site.build_site((), Data((), {}, {}), pages=pages)
    assert made.pages["my-text.html"] == "<!doctype html><title>T</title>"
    assert set(made.failures) == {"my-fails", "my-five"}
    assert made.failures["my-fails"].startswith("page 'my-fails' of a plugin raised AttributeError")
    assert (
        made.failures["my-five"]
        == "page 'my-five' of a plugin gave a int; expected HTML, or (HTML, its counts in words)."
    )
    assert "my-text.html" in str(made.pages["index.html"])
    assert "my-fails.html" not in str(made.pages["index.html"])


FAILS = """
from srbench.report.page import PAGES, Page
PAGES.add(Page("my-fails", "Fails", lambda nav: nav.nope))
"""


def test_the_audit_shows_one_check_and_a_report_one_page(examples: Path) -> None:
    (examples / "fails.py").write_text(FAILS, encoding="utf-8")
    page, audit, failed = srbench(
        examples,
        "report my-page --plugin page.py --results images --out made",
        "audit my-high --plugin check.py --kinds my",
        "report my-page my-fails --plugin page.py --plugin fails.py --results images --out rest",
    )
    assert page[0] == 0, page[2]
    assert "1 page: made/my-page.html" in page[2].replace(os.sep, "/")
    assert "0 files of results" in (examples / "made" / "my-page.html").read_text(encoding="utf-8")
    assert audit[0] == 0, audit[2]
    assert "0 findings" in audit[1]
    assert failed[0] == 1
    assert "error: page 'my-fails': page 'my-fails' of 'fails.py' raised AttributeError" in failed[2]
    assert (examples / "rest" / "my-page.html").is_file()
