"""``srbench profile`` and ``srbench doctor`` as a user meets them."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import CliRunner

from srbench.cli.doctor import command as doctor_command
from srbench.cli.profile import command as profile_command
from srbench.cli.profile_year import rules_of
from srbench.cost import doctor
from srbench.cost.doctor import diagnose
from srbench.cost.input_size import parse_size
from srbench.errors import CheckFailed, SrbenchError
from srbench.results import environment

BAD = Path(__file__).with_name("bad_models.py")
DEPLOY = """
import torch
from torch import nn

class Rep(nn.Module):
    wrong = False

    def __init__(self):
        super().__init__()
        self.wide, self.point = nn.Conv2d(3, 3, 3, padding=1, bias=False), nn.Conv2d(3, 3, 1, bias=False)

    def forward(self, x):
        return self.wide(x) + self.point(x)

    def deploy(self):
        merged = nn.Conv2d(3, 3, 3, padding=1, bias=False)
        with torch.no_grad():
            kernel = self.wide.weight.clone()
            kernel[:, :, 1, 1] += 0 if self.wrong else self.point.weight[:, :, 0, 0]
            merged.weight.copy_(kernel)
        return merged

class Wrong(Rep):
    wrong = True
"""


def run(*arguments: str):
    return CliRunner().invoke(profile_command, list(arguments))


def test_the_challenges_own_columns_and_rounding():
    outcome = run("--models", "e-rfdn,imdn-baseline,lrfdn", "--format", "ntire")
    header, _, *rows = outcome.stdout.splitlines()
    names = ["Params [M]", "FLOPs [G]", "Acts [M]", "Mem [M]", "Conv"]
    assert [header.index(name) for name in names] == sorted(header.index(name) for name in names)
    costs = [[cell for cell in row.split() if cell != "-"][-4:] for row in rows]
    assert costs == [
        ["0.433", "27.10", "112.03", "64"],
        ["0.894", "58.53", "154.14", "43"],
        ["0.198", "11.23", "86.18", "56"],
    ]


@pytest.mark.parametrize(
    ("year", "model"),
    [("ntire-2022", "imdn-baseline"), ("ntire-2023", "e-rfdn"), ("ntire-2025", "efdn"), ("ntire2026-esr", "span")],
)
def test_a_year_has_the_columns_and_the_conventions_of_its_rules(year, model):
    rules = rules_of(year)
    outcome = run("--models", model, "--format", year)
    header, _, row = (line.split("  ") for line in outcome.stdout.splitlines())
    cells = [cell.strip() for cell in row if cell.strip()]
    titles = [title.strip() for title in header if title.strip()]
    assert titles == ["Model", *(column.title for column in rules.columns if column.shown)]
    shown = dict(zip((column.key for column in rules.columns if column.shown), cells[1:], strict=True))
    published = {key: value for key, value in rules.baseline.values.items() if shown.get(key, "-") != "-"}
    assert {"params", "macs"} <= set(published)
    assert {key: round(value, rules.column(key).digits) for key, value in published.items()} == {
        key: Decimal(shown[key]) for key in published
    }


def test_a_challenges_format_says_its_own_conventions_and_sizes():
    refused = run("--models", "fsrcnn", "--format", "ntire-2024", "--convention", "macs")
    assert "does not go with the format of NTIRE 2024" in str(refused.exception)
    assert "unknown format 'ntire-2030'" in str(run("--models", "fsrcnn", "--format", "ntire-2030").exception)
    other = run("--models", "fsrcnn", "--format", "ntire-2024", "--size", "64x64")
    assert "NTIRE 2024 counts at LR 256x256; these are figures at 64x64" in other.stderr
    assert "from 2024 on they are fvcore's" in run("--models", "fsrcnn", "--format", "ntire").stderr


def test_json_has_the_fields_names_and_nothing_else_is_on_stdout():
    data = json.loads(run("--models", "lrfdn", "--size", "720p", "--convention", "all", "--layers", "--json").stdout)
    (model,) = data["models"]
    assert model["params"] == 198_032
    assert [c["convention"] for c in model["counts"]] == ["macs", "fvcore", "ntire-hooks", "torch"]
    fvcore = model["counts"][1]
    assert fvcore["input_size"] == [180, 320]
    assert round(fvcore["macs"] / 1e9, 4) == 9.8851
    assert sum(layer["params"] for layer in fvcore["layers"]) == 198_032
    assert model["memory"]["total_bytes"] > model["memory"]["weights_bytes"] == 4 * 198_032


@pytest.mark.parametrize(("fmt", "start"), [("markdown", "| Model | LR size |"), ("csv", "Model,LR size,Form,")])
def test_tables_to_paste(fmt, start):
    outcome = run("--models", "imdn", "--format", fmt)
    assert outcome.stdout.startswith(start)
    assert "46.519029" in outcome.stdout


def test_cross_check_says_where_and_why():
    outcome = run("--models", "imdn", "--cross-check", "--strict")
    assert outcome.exit_code == 0
    assert "fvcore adds 1 per input element of the pooling" in outcome.stdout
    assert "ptflops adds 1 per output element for the bias" in outcome.stdout


def test_a_hidden_conv_is_said_and_strict_fails_on_what_a_convention_leaves_out():
    arguments = ("--plugin", str(BAD), "--models", "bad-hidden", "--scale", "2", "--convention", "macs,ntire-hooks")
    outcome = run(*arguments)
    assert "1 convolution written as a function" in outcome.stderr
    assert "bad-hidden: warning: ntire-hooks leaves out conv2d x1 (0.037749 G MACs; all: 0.108528 G)." in outcome.stderr
    assert isinstance(run(*arguments, "--strict").exception, CheckFailed)


def test_one_broken_model_leaves_the_others_counted():
    outcome = run(
        "--plugin", str(BAD), "--models", "bad-picky,bad-good,bad-firstcall", "--scale", "2", "--size", "24x24"
    )
    assert "bad-picky: counting on an input of 1x3x24x24 failed in the network itself: ValueError" in outcome.stderr
    assert "Good" in outcome.stdout
    assert "bad-firstcall: its first call keeps 4.0 MiB allocated" in outcome.stderr
    assert str(outcome.exception) == "1 of 3 models could not be counted."


def test_a_model_with_deploy_is_counted_in_both_forms(tmp_path):
    file = tmp_path / "rep.py"
    file.write_text(DEPLOY)
    (model,) = json.loads(run("--model-file", f"{file}:Rep", "--size", "8x10", "--json").stdout)["models"]
    assert model["measured"] == "deployed"
    assert model["counts"][0]["macs"] == 81 * 80
    assert model["training_form"]["counts"][0]["macs"] == (81 + 9) * 80
    assert (model["params"], model["training_only"], model["training_form"]["params"]) == (81, 9, 90)
    assert model["training_form"]["difference"] < 1e-5
    wrong = run("--model-file", f"{file}:Wrong", "--strict")
    assert isinstance(wrong.exception, CheckFailed)
    assert "the deployed form, which is measured, differs from the trained one" in str(wrong.exception)


def test_sizes():
    assert parse_size("720p", 2) == (360, 640)
    assert parse_size("180X320", 4) == (180, 320)
    with pytest.raises(SrbenchError, match="'big' is not a size; expected HxW of the LR image"):
        parse_size("big", 4)


def test_no_model_is_one_sentence():
    assert "no model was named" in str(run().exception)


def test_doctor_describes_the_machine_without_naming_it():
    data = json.loads(CliRunner().invoke(doctor_command, ["--seconds", "0.05", "--json"]).stdout)
    machine = data["machine"]
    assert machine["id"] == environment.machine_id()
    assert {"cpu", "usable_cores", "memory_gib", "gpus", "threads", "versions"} <= set(machine)
    assert all(f["severity"] in ("problem", "note") for f in data["findings"])
    import platform

    assert platform.node() not in json.dumps(machine)


def test_doctor_speaks_in_words_not_in_keys():
    text = CliRunner().invoke(doctor_command, ["--seconds", "0.05"]).stdout
    assert re.search(r"^Memory +\d+ GiB$", text, re.MULTILINE)
    assert re.search(r"^CPU  ", text, re.MULTILINE)
    assert "gib" not in text


def test_doctor_reads_governor_and_turbo(tmp_path, monkeypatch):
    cpu = tmp_path / "sys/devices/system/cpu"
    (cpu / "cpu0/cpufreq").mkdir(parents=True)
    (cpu / "cpufreq").mkdir()
    (cpu / "cpu0/cpufreq/scaling_governor").write_text("powersave\n")
    (cpu / "cpufreq/boost").write_text("1\n")
    said = [f.what for f in diagnose(0.01, tmp_path)]
    assert "the CPU's frequency governor is 'powersave'" in said
    assert any(what.startswith("turbo is on") for what in said)
    monkeypatch.setattr(doctor, "cores", lambda: 1)
    assert any(f.what.startswith("only 1 core:") and f.severity == "problem" for f in diagnose(0.01, tmp_path))


def test_the_machine_file_is_written_once_and_is_its_id(tmp_path):
    first = environment.write_machine(tmp_path)
    stamp = first.stat().st_mtime_ns
    assert environment.write_machine(tmp_path) == first
    assert first.stat().st_mtime_ns == stamp
    assert json.loads(first.read_text())["id"] == first.stem == environment.machine_id()
