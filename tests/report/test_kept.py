"""What is kept in the user's cache folder: believed where every hash agrees, and the same bytes as made anew."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from srbench import kept
from srbench.cli.report import command
from srbench.paths import cache_dir, data_root
from srbench.report import drawn, figures, papers
from srbench.report.figures import Dot

PARTS = {"svg": b"<svg/>", "pdf": b"%PDF"}


def file_of(key: str) -> Path:
    return cache_dir() / kept.FOLDER / key


def test_what_was_kept_is_found_under_its_key_alone() -> None:
    key = kept.key("figure", "a")
    assert kept.find(key) is None
    kept.keep(key, PARTS)
    assert kept.find(key) == PARTS
    assert kept.find(kept.key("figure", "b")) is None
    with kept.ignored():
        assert kept.find(key) is None
    assert [path.name for path in file_of(key).parent.iterdir()] == [key]  # nothing half-written beside it


def test_a_key_is_another_where_anything_is_another(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    first = kept.key("figure", "a", "b")
    assert first == kept.key("figure", "a", "b")
    assert len({first, kept.key("page", "a", "b"), kept.key("figure", "ab"), kept.key("figure", "b", "a")}) == 4
    monkeypatch.setenv("SRBENCH_HOME", str(tmp_path / "another"))
    assert kept.key("figure", "a", "b") == first  # where things are kept is no part of them
    monkeypatch.setenv("MPLBACKEND", "svg")
    assert kept.key("figure", "a", "b") != first
    monkeypatch.undo()
    (tmp_path / "matplotlibrc").write_text("font.size: 12\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert kept.key("figure", "a", "b") != first
    monkeypatch.undo()
    (tmp_path / "numpy-99.0.dist-info").mkdir()
    monkeypatch.syspath_prepend(str(tmp_path))
    assert kept.key("figure", "a", "b") != first


def test_a_tree_is_another_where_a_name_or_a_byte_is_another(tmp_path: Path) -> None:
    (tmp_path / "a" / "deep").mkdir(parents=True)
    file = tmp_path / "a" / "deep" / "x"
    file.write_bytes(b"1")
    first = kept.tree(tmp_path / "a")
    file.write_bytes(b"2")
    second = kept.tree(tmp_path / "a")
    file.rename(file.with_name("y"))
    assert len({first, second, kept.tree(tmp_path / "a"), kept.tree(tmp_path / "missing")}) == 4
    (tmp_path / "link").symlink_to(tmp_path / "a", target_is_directory=True)
    (tmp_path / "a" / "ring").symlink_to(tmp_path / "a", target_is_directory=True)
    linked = kept.tree(tmp_path / "link")
    file.with_name("y").write_bytes(b"3")
    assert kept.tree(tmp_path / "link") != linked  # what lies behind links counts, and rings end


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: data[:-1],
        lambda data: data[:-1] + b"X",
        lambda data: data + b"X",
        lambda data: data.replace(b'"sha256": "', b'"sha256": "0'),
        lambda data: data.replace(b'["svg", 6]', b'["svg", 5]'),
        lambda data: b"",
        lambda data: b"[]\n",
        lambda data: b"\xff\n" + data,
    ],
)
def test_a_damaged_file_is_as_good_as_none_and_made_again(damage: object) -> None:
    key = kept.key("figure", "a")
    kept.keep(key, PARTS)
    whole = file_of(key).read_bytes()
    file_of(key).write_bytes(damage(whole))  # type: ignore[operator]
    assert kept.find(key) is None
    kept.keep(key, PARTS)
    assert kept.find(key) == PARTS


def test_a_file_under_the_name_of_another_is_not_believed() -> None:
    one, other = kept.key("figure", "a"), kept.key("figure", "b")
    kept.keep(one, PARTS)
    file_of(one).rename(file_of(other))
    assert kept.find(other) is None


@pytest.mark.parametrize("home", ["/dev/null", "~nobody-of-this-name", "file"])
def test_a_folder_that_cannot_be_used_costs_time_alone(
    home: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_bytes(b"")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SRBENCH_HOME", home)
    kept.keep("k", PARTS)
    assert kept.find("k") is None


def test_the_folder_stays_below_its_size_and_what_was_used_last_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "MOST_BYTES", 5000)
    keys = [kept.key("figure", str(number)) for number in range(8)]
    kept.keep(keys[0], {"x": bytes(900)})
    for key in keys[1:]:
        kept.keep(key, {"x": bytes(900)})
        assert kept.find(keys[0]) is not None  # and so is of use
    folder = file_of("").parent / kept.FOLDER
    assert sum(file.stat().st_size for file in folder.iterdir()) <= 5000
    assert kept.find(keys[-1]) is not None
    assert kept.find(keys[1]) is None
    kept.keep("large", {"x": bytes(2000)})  # would push out most of the others
    assert kept.find("large") is None


def test_a_figure_is_drawn_once_and_is_the_same_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    dots = [Dot("A", 1e5, 30.0), Dot("B", 2e5, 31.0, "measured")]
    first = drawn.svg_and_pdf(dots, ("x", "y"), True)
    with kept.ignored():
        assert drawn.svg_and_pdf(dots, ("x", "y"), True) == first
    monkeypatch.setattr(figures, "scatter", _not_asked)
    assert drawn.svg_and_pdf(dots, ("x", "y"), True) == first
    with pytest.raises(AssertionError, match="asked"):
        drawn.svg_and_pdf(dots[:1], ("x", "y"), True)


def _not_asked(*_given: object, **_named: object) -> None:
    raise AssertionError("asked for what is there already")


SPEC = """name = "toy"
kind = "paper"
paper = "lrfdn2023"
title = "A paper"

[[figures]]
id = "f1"
title = "Quality against parameters"
table = "t1"
dataset = "div2k-valid"
scale = 4
x = "params"
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A data root of one paper, one spec and a few results."""
    ours, folder = data_root(), tmp_path / "root"
    part = Path("leaderboards", "published", "lrfdn2023")
    shutil.copytree(ours / part, folder / part)
    (folder / "reports" / "specs").mkdir(parents=True)
    (folder / "reports" / "specs" / "toy.toml").write_text(SPEC, encoding="utf-8")
    measured = folder / "leaderboards" / "measured"
    measured.mkdir()
    for file in (ours / "leaderboards" / "measured").glob("imdn.released_x4_set5_y-matlab@1.json"):
        shutil.copy(file, measured)
    return folder


def report(root: Path, out: Path, *more: str) -> Result:
    done = CliRunner().invoke(command, ["toy", "--root", str(root), "--out", str(out), *more], catch_exceptions=False)
    assert done.exit_code == 0, done.stderr
    return done


def files(folder: Path) -> dict[str, bytes]:
    return {file.relative_to(folder).as_posix(): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def test_pages_are_the_same_bytes_with_and_without_what_was_kept(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, again, fresh = tmp_path / "first", tmp_path / "again", tmp_path / "fresh"
    report(root, first)
    assert {"toy.html", "index.html", "figures/toy-f1.svg", "figures/toy-f1.pdf"} <= set(files(first))
    with monkeypatch.context() as patched:
        patched.setattr(papers, "load_data", _not_asked)
        stderr = report(root, again).stderr
    assert "nothing has changed since these pages were made" in stderr
    assert "nothing has changed" not in report(root, fresh, "--fresh").stderr
    assert files(first) == files(again) == files(fresh)

    shutil.rmtree(cache_dir())
    monkeypatch.setenv("SRBENCH_HOME", "/dev/null")
    assert "nothing has changed" not in report(root, fresh).stderr
    assert files(first) == files(fresh)


def test_pages_are_made_again_where_what_they_are_made_of_is_another(root: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    report(root, out)
    before = files(out)
    table = root / "leaderboards" / "published" / "lrfdn2023" / "t1.csv"
    table.write_text(table.read_text(encoding="utf-8").replace("29.04", "29.94"), encoding="utf-8")
    assert "nothing has changed" not in report(root, out).stderr
    assert b"29.94" in files(out)["toy.html"]
    assert files(out)["index.html"] == before["index.html"]  # that of a whole site stays
    assert "nothing has changed" in report(root, out).stderr
    (root / "site.toml").write_text('title = "Another"\n', encoding="utf-8")
    assert "nothing has changed" not in report(root, out).stderr
    assert b"Another" in files(out)["toy.html"]


def test_a_damaged_page_is_made_again_silently(root: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    report(root, out)
    before = files(out)
    for file in (cache_dir() / kept.FOLDER).iterdir():
        file.write_bytes(file.read_bytes()[:-100])
    assert "nothing has changed" not in report(root, out).stderr
    assert files(out) == before
