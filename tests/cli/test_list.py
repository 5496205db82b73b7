"""``srbench list`` as a user meets it."""

from __future__ import annotations

from click.testing import CliRunner

from srbench.cli.list import command


def test_models_fit_a_hundred_columns_and_the_legend_explains_the_scales() -> None:
    outcome = CliRunner().invoke(command, ["models"])
    assert outcome.exit_code == 0
    assert max(map(len, outcome.stdout.splitlines())) <= 100
    assert "694K / 703K / 715K" in outcome.stdout
    assert "one per scale (x2 / x3 / x4)" in outcome.stderr
