"""The Pareto fronts of a table of results."""

from __future__ import annotations

from samples import results, zoo

from srbench.report import fronts
from srbench.report.runtable import groups


def test_a_front_rises_in_quality_and_cost_and_nothing_beats_it() -> None:
    (group,) = groups(results(zoo()))
    place = next(i for i, column in enumerate(group.columns) if column.dataset == "set5")
    for cost in ("params", "macs"):
        found = fronts.front(group, place, cost)
        spent = [fronts.cost_of(row, cost) for row in found]
        quality = [row.values[place].of("psnr") for row in found]
        assert spent == sorted(spent)
        assert quality == sorted(set(quality))
        for row in group.rows:
            value = row.values[place]
            if value is None or fronts.cost_of(row, cost) is None or row in found:
                continue
            assert any(
                fronts.cost_of(other, cost) <= fronts.cost_of(row, cost)
                and other.values[place].of("psnr") >= value.of("psnr")
                for other in found
            )


def test_the_section_names_the_models_and_is_empty_for_few() -> None:
    text = fronts.to_markdown(results(zoo()))
    assert "| Set5 ×4, y-matlab@1 | parameters | LRFDN (31.99), " in text
    assert fronts.to_markdown(results(zoo()[:4])) == ""
