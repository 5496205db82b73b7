"""Scores and platforms, cases 33 to 41: bundles by the platforms' own rules, the scorer as their workers run it."""

from __future__ import annotations

import contextlib
import importlib
import json
import math
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from srbench.challenge.platforms import PLATFORMS, BundleOptions
from srbench.challenge.platforms.pack import pack
from srbench.challenge.score.output import details_html, scores_txt
from srbench.challenge.score.scoring import finite
from srbench.rules import get_rules

from .builders import folder_of, good, hr_image, plan, png, references, score, zipped

RULES = get_rules("ntire2026-esr")
WITHOUT = "import sys\nfor name in ('torch', 'cv2', 'scipy', 'srbench', 'pydantic'): sys.modules[name] = None\n"
RUN = WITHOUT + "import runpy\nsys.argv = sys.argv[1:]\nrunpy.run_path(sys.argv[0], run_name='__main__')\n"


@pytest.fixture(scope="module")
def hr(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return references(tmp_path_factory.mktemp("refs") / "hr")


@pytest.fixture(scope="module")
def bundles(hr: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the bundle of every platform, as a folder."""
    root = tmp_path_factory.mktemp("bundles")
    for platform in PLATFORMS:
        platform.write(root / platform.name, RULES, BundleOptions({"valid": hr, "test": hr}))
    return root


@pytest.fixture
def worker(bundles: Path, hr: Path, tmp_path: Path) -> Path:
    """The folders of Codabench's worker: app/program, app/input/ref, app/input/res, app/output."""
    app = tmp_path / "app"
    shutil.copytree(bundles / "codabench" / "scoring_program_valid", app / "program")
    shutil.copytree(bundles / "codabench" / "ref_valid", app / "input" / "ref")
    folder_of(app / "input" / "res", {**good(), "metadata": b"exitCode: 0\nelapsedTime: 0.1\n"})
    (app / "output").mkdir()
    return app


def run(app: Path, *more: str, python: str = sys.executable, **environment: str) -> subprocess.CompletedProcess[str]:
    """Start the scorer as the worker does, with nothing of srbench, torch, OpenCV or SciPy to be had."""
    starter = app / "starter.py"
    starter.write_text(RUN)
    command = [python, "-I", str(starter), str(app / "program" / "score.py"), f"{app}/input/", f"{app}/output/", *more]
    variables = {**{k: v for k, v in os.environ.items() if k != "PYTHONPATH"}, **environment}
    return subprocess.run(
        command, cwd=app / "program", env=variables, capture_output=True, text=True, errors="replace", check=False
    )


def scores(app: Path) -> dict[str, float]:
    found: dict[str, float] = json.loads((app / "output" / "scores.json").read_text())
    return found


@pytest.mark.parametrize(
    ("value", "wanted"), [(math.inf, 999.0), (math.exp(2 * 13.8), 9.72e11), (math.exp(2 * 354), 1e307), (27.01, 27.01)]
)
def test_33_published_numbers_are_finite_and_below_1e10(value: float, wanted: float) -> None:
    found = finite(value)
    assert abs(found) < 1e10
    assert found == (wanted if wanted < 1e10 else 9.99e9)
    with pytest.raises(ValueError, match="not a number"):
        finite(math.nan)


def test_33_every_column_is_there_also_for_equal_images(hr: Path, worker: Path) -> None:
    for number in range(4):
        (worker / "input" / "res" / f"080{number + 1}x4.png").write_bytes(png(hr_image(number)))
    (worker / "input" / "res" / "readme.txt").unlink()
    assert run(worker).returncode == 0
    found = scores(worker)
    assert (found.pop("psnr"), found.pop("ssim")) == (999.0, 1.0)
    logs = {key: found.pop(key) for key in list(found) if key.endswith("_log_score")}
    assert set(logs) == {f"declared_{track}_log_score" for track in ("main", "runtime", "flops", "params")}
    assert set(logs.values()) == {9.99e9}  # nothing is declared, so they come last
    assert found == dict.fromkeys(
        ("declared_runtime", "declared_cpu", "declared_extra_data", "declared_params", "declared_macs"), -1.0
    )


def test_33_scores_of_what_is_declared_are_logarithms(hr: Path, worker: Path) -> None:
    declared = b"runtime : 0.00774\nCPU : 0\nExtra data : 0\nParameters [M] : 0.150688\nFLOPs : 9.83 G\nDescription : a"
    (worker / "input" / "res" / "readme.txt").write_bytes(declared)
    assert run(worker).returncode == 0
    found = scores(worker)
    assert (found["declared_params"], found["declared_macs"]) == (0.150688, 9.83)
    logs = {key: value for key, value in found.items() if key.endswith("_log_score")}
    assert logs == dict.fromkeys(logs, 2.0)  # the baseline's own figures
    (worker / "input" / "res" / "readme.txt").write_bytes(declared.replace(b"0.00774", b"900000"))
    assert run(worker).returncode == 0
    assert 2e8 < scores(worker)["declared_main_log_score"] < 1e10  # whose exp no float holds


def test_34_the_scorers_keys_are_the_leaderboards(bundles: Path, worker: Path) -> None:
    assert run(worker).returncode == 0
    competition = yaml.safe_load((bundles / "codabench" / "competition.yaml").read_text())
    assert set(scores(worker)) == {column["key"] for column in competition["leaderboards"][0]["columns"]}


def test_35_scores_txt_is_yaml(worker: Path) -> None:
    assert run(worker, "--txt").returncode == 0
    text = (worker / "output" / "scores.txt").read_text()
    found = yaml.safe_load(text)
    assert isinstance(found, dict)
    assert found["declared_runtime"] == 10.43
    assert not (worker / "output" / "scores.json").exists()
    assert text == scores_txt(score(worker / "input" / "res", worker / "input" / "ref"), plan())


def test_36_old_scores_go_and_metadata_stays(worker: Path) -> None:
    output = worker / "output"
    (output / "scores.json").write_text('{"psnr": 99}')
    (output / "metadata").write_text("theirs")
    (worker / "input" / "res" / "0801x4.png").write_bytes(b"x")
    found = run(worker)
    assert found.returncode == 3
    assert "invalid: 0801: not a PNG file" in found.stdout
    assert sorted(p.name for p in output.iterdir()) == ["detailed_results.html", "metadata"]
    assert (output / "metadata").read_text() == "theirs"


def test_36_an_output_that_cannot_be_written_is_said(worker: Path) -> None:
    shutil.rmtree(worker / "output")
    (worker / "output").write_text("a file")
    found = run(worker)
    assert found.returncode == 1
    assert "organiser error: cannot write to the output folder" in found.stdout
    assert "Traceback" not in found.stdout + found.stderr


def test_wrong_references_end_with_1_and_no_scores(worker: Path) -> None:
    (worker / "input" / "ref" / "0802.png").unlink()
    found = run(worker)
    assert found.returncode == 1
    assert "organiser error: reference data: 1 references are missing, the first is 0802" in found.stdout
    assert not (worker / "output" / "scores.json").exists()


@pytest.mark.parametrize("name", [platform.name for platform in PLATFORMS])
def test_written_bundles_pass_their_own_check(name: str, bundles: Path, tmp_path: Path) -> None:
    check = PLATFORMS.get(name).check
    assert check(bundles / name) == []
    pack(bundles / name, tmp_path / "b.zip")
    assert check(tmp_path / "b.zip") == []


Change = Callable[[dict[str, Any], Path], object]


def _column(number: int, /, **values: Any) -> Change:
    return lambda c, _root: c["leaderboards"][0]["columns"][number].update(values)


SPOILED: dict[str, tuple[Change, str]] = {
    "34 a column more": (
        lambda c, _: c["leaderboards"][0]["columns"].append({"title": "X", "key": "x", "index": 9}), "never written: x",
    ),
    "34 a column less": (lambda c, _: c["leaderboards"][0]["columns"].pop(), "in no column: declared_params_log_score"),
    "37 no version": (lambda c, _: c.pop("version"), "version is missing"),
    "37 singular": (lambda c, _: c.update(leaderboard=c.pop("leaderboards")), "'leaderboard' is not read"),
    "37 empty page": (lambda _, root: (root / "overview.md").write_text(""), "'overview.md' is empty"),
    "37 no logo": (lambda _, root: (root / "logo.png").unlink(), "'logo.png' is not in the bundle"),
    "37 empty terms": (lambda _, root: (root / "terms.md").write_text(""), "'terms.md' is empty"),
    "37 phases touch": (
        lambda c, _: c["phases"][0].update(end=c["phases"][1]["start"]), "does not start after the end",
    ),
    "37 first phase without end": (lambda c, _: c["phases"][0].pop("end"), "has no end"),
    "37 long title": (_column(0, title="x" * 37), "title of 37 characters"),
    "37 index twice": (_column(1, index=0), "need a index each"),
    "37 key twice": (_column(1, key="psnr"), "need a key each"),
    "37 sorting": (_column(1, sorting="up"), "asc or desc"),
    "37 unknown task": (lambda c, _: c["phases"][0].update(tasks=[7]), "has unknown tasks"),
    "37 no scoring program": (lambda c, _: c["tasks"][0].pop("scoring_program"), "of task 'valid' is missing"),
    "37 no references": (lambda c, _: c["tasks"][0].pop("reference_data"), "no reference_data"),
    "37 old Python": (lambda c, _: c.pop("docker_image"), "Python 3.7"),
    "38 not a shell": (
        lambda _, root: (root / "scoring_program_valid" / "metadata.yaml").write_text(
            "command: pip install numpy && python3 /app/program/score.py"), "not a shell",
    ),
    "38 variable": (
        lambda _, root: (root / "scoring_program_valid" / "metadata.yaml").write_text("command: python $HOME/x.py"),
        "not a shell",
    ),
    "32 wrong reference": (lambda _, root: (root / "ref_valid" / "0801.png").write_bytes(b"x"), "not a PNG"),
    "40 other packages": (
        lambda _, root: (root / "scoring_program_valid" / "score.py").write_text("import scipy\n"), "imports scipy",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", SPOILED)
def test_37_38_the_check_reports(case: str, bundles: Path, tmp_path: Path) -> None:
    change, text = SPOILED[case]
    root = tmp_path / "bundle"
    shutil.copytree(bundles / "codabench", root)
    file = root / "competition.yaml"
    competition = yaml.safe_load(file.read_text())
    change(competition, root)
    file.write_text(yaml.safe_dump(competition, sort_keys=False))
    problems = PLATFORMS.get("codabench").check(root)
    assert text in "\n".join(problem.sentence() for problem in problems)
    assert {problem.blame for problem in problems} == {"organiser"}


def test_37_a_folder_inside_the_zip_is_reported(bundles: Path, tmp_path: Path) -> None:
    shutil.copytree(bundles / "codabench", tmp_path / "outer" / "inner")
    pack(tmp_path / "outer", tmp_path / "b.zip")
    assert "competition.yaml is not in the root" in PLATFORMS.get("codabench").check(tmp_path / "b.zip")[0].what


@contextlib.contextmanager
def imported(bundles: Path, folder: Path) -> Iterator[Any]:
    """The evaluation script as EvalAI's worker imports it."""
    target = folder / "challenge_data" / "challenge_1"
    with zipfile.ZipFile(bundles / "evalai" / "evaluation_script.zip") as archive:
        archive.extractall(target)
    (folder / "challenge_data" / "__init__.py").touch()
    sys.path.insert(0, str(folder))
    try:
        yield importlib.import_module("challenge_data.challenge_1")
    finally:
        sys.path.remove(str(folder))
        for name in [name for name in sys.modules if name.startswith("challenge_data")]:
            del sys.modules[name]


def test_39_evalai_in_every_order_of_arguments(bundles: Path, hr: Path, tmp_path: Path) -> None:
    annotations = str(bundles / "evalai" / "annotations" / "references_valid.zip")
    submission = str(zipped(tmp_path / "a.zip", good()))
    out, err, here = sys.stdout, sys.stderr, Path.cwd()
    with imported(bundles, tmp_path) as script:
        found = [
            script.evaluate(annotations, submission, "valid", submission_metadata={"id": 1}),
            script.evaluate(
                test_annotation_file=annotations, user_annotation_file=submission, phase_codename="valid",
                submission_metadata={"id": 1},
            ),
            script.evaluate(submission, "valid", annotations, submission_metadata={"id": 1}),
            script.evaluate(
                user_submission_file=submission, phase_codename="valid", test_annotation_file=annotations,
                submission_metadata={"id": 1},
            ),
            script.evaluate(submission, "valid", test_annotation_file=annotations, submission_metadata={"id": 1}),
        ]  # fmt: skip
        assert all(each == found[0] for each in found)
        assert found[0]["result"] == [{"valid": score(Path(submission), hr).published(plan())}]
        assert found[0]["submission_metadata"] == {"id": 1}
        json.dumps(found[0], allow_nan=False)
        bad = zipped(tmp_path / "bad.zip", {**good(), "0801x4.png": b"x", "0899.png": b"y"})
        with pytest.raises(Exception, match="0801: not a PNG") as raised:
            script.evaluate(annotations, str(bad), "valid")
        assert isinstance(raised.value, Exception)
        assert "'0899.png' belongs to no reference" in str(raised.value)
        with pytest.raises(Exception, match="unknown phase 'final'"):
            script.evaluate(annotations, submission, "final")
        with pytest.raises(Exception, match="without references"):
            script.evaluate(submission, "valid")
    assert (sys.stdout, sys.stderr, Path.cwd()) == (out, err, here)


def test_40_the_scorer_needs_numpy_and_pillow_alone(worker: Path, hr: Path) -> None:
    found = run(worker)
    assert (found.returncode, found.stderr) == (0, "")
    assert scores(worker) == score(worker / "input" / "res", hr).published(plan())


def test_40_an_old_python_gives_the_same_digits(worker: Path, hr: Path) -> None:
    """$SRBENCH_OLD_PYTHON: an interpreter of Python 3.9 with numpy 1.26 and Pillow alone."""
    python = os.environ.get("SRBENCH_OLD_PYTHON")
    if not python:
        pytest.skip("SRBENCH_OLD_PYTHON names no Python 3.9 with numpy 1.26 and Pillow")
    found = run(worker, python=python)
    assert (found.returncode, found.stderr) == (0, "")
    assert scores(worker) == score(worker / "input" / "res", hr).published(plan())


def test_41_the_same_bytes_whatever_surrounds_it(worker: Path) -> None:
    assert run(worker).returncode == 0
    first = (worker / "output" / "scores.json").read_bytes()
    (worker / "program").chmod(0o555)
    surroundings = {"LC_ALL": "C", "TZ": "Asia/Tokyo", "PYTHONHASHSEED": "7", "PYTHONIOENCODING": "ascii"}
    found = run(worker, **surroundings)
    (worker / "program").chmod(0o755)
    assert found.returncode == 0
    assert (worker / "output" / "scores.json").read_bytes() == first
    assert not list((worker / "program").rglob("__pycache__"))


def test_14_pages_and_logs_show_names_escaped(worker: Path) -> None:
    res = worker / "input" / "res"
    (res / "<img src=x onerror=alert(1)>.png").write_bytes(b"x")
    (res / "a\u202e\n.png").write_bytes(b"x")
    (res / "readme.txt").write_text("runtime: <script>alert(2)</script>\nOther description: <b>bold</b>")
    found = run(worker)
    page = (worker / "output" / "detailed_results.html").read_text()
    assert found.returncode == 3
    assert "<script>" not in page
    assert "<img" not in page
    assert "&lt;img src=x" in page
    assert r"a\u202e\n.png" in found.stdout
    assert "<b>" not in details_html(
        score(zipped(res.parent / "a.zip", good()), worker / "input" / "ref"), plan()
    ).replace("<b>valid</b>", "")
