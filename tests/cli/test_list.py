"""``srbench list`` as a user meets it."""

from __future__ import annotations

from click.testing import CliRunner

from srbench.cli.list import _result_line, command


def test_models_fit_a_hundred_columns_and_the_legend_explains_the_scales() -> None:
    outcome = CliRunner().invoke(command, ["models"])
    assert outcome.exit_code == 0
    assert max(map(len, outcome.stdout.splitlines())) <= 100
    assert "694K / 703K / 715K" in outcome.stdout
    assert "one per scale (x2 / x3 / x4)" in outcome.stderr
    lines = {line.split()[0]: line for line in outcome.stdout.splitlines()}
    assert lines["safmn-ntire"].endswith("Apache-2.0/MIT")
    assert lines["safmnpp"].endswith(" Apache-2.0")


def test_results_of_other_ways_of_running_are_told_apart() -> None:
    row = {"model": "imdn", "self_ensemble": False, "precision": "fp32", "backend": "eager", "psnr": 32.2}
    assert _result_line(row) == {"model": "imdn", "psnr": 32.2}
    assert _result_line({**row, "self_ensemble": True, "precision": "bf16"})["model"] == "imdn+ (bf16)"
