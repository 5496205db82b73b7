"""Recipes are data; the learning rate is a pure function of the step."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from srbench.errors import SrbenchError
from srbench.training.recipe import Recipe, learning_rate, load_recipe, recipe_names, stage_at


def test_the_papers_recipes_and_the_common_one_are_there() -> None:
    assert {"imdn2019", "e-rfdn2020", "aidn2022", "lrfdn2023", "common"} <= set(recipe_names())


@pytest.mark.parametrize("name", recipe_names())
def test_every_recipe_is_valid_and_says_where_it_comes_from(name: str) -> None:
    recipe = load_recipe(name)
    assert recipe.source
    assert sum(recipe.stage_steps()) > 0
    assert name == "common" or recipe.unstated, "a paper leaves something out; say what"


def test_imdn_halves_its_rate_every_200000_steps() -> None:
    recipe = load_recipe("imdn2019")
    rates = [learning_rate(recipe, step) for step in (0, 199_999, 200_000, 400_000)]
    assert rates == pytest.approx([2e-4, 2e-4, 1e-4, 5e-5])
    assert (recipe.hr_patch, recipe.batch, recipe.lr_patch(4)) == (192, 16, 48)


def test_e_rfdn_ends_with_an_l2_stage_at_1e_5() -> None:
    recipe = load_recipe("e-rfdn2020")
    stage, local, _ = stage_at(recipe, 1000 * recipe.steps_per_epoch)
    assert (stage.loss, local) == ("l2", 0)
    assert learning_rate(recipe, 1000 * recipe.steps_per_epoch) == pytest.approx(1e-5)
    assert learning_rate(recipe, 200 * recipe.steps_per_epoch) == pytest.approx(2.5e-4)


def test_aidn_goes_from_2e_4_to_2e_6_and_then_from_2e_5_to_2e_6() -> None:
    recipe = load_recipe("aidn2022")
    first, second = recipe.stage_steps()
    ends = [learning_rate(recipe, step) for step in (0, first - 1, first, first + second - 1)]
    assert ends == pytest.approx([2e-4, 2e-6, 2e-5, 2e-6], rel=1e-3)


def test_lrfdn_warms_up_for_3000_steps_and_keeps_an_average() -> None:
    recipe = load_recipe("lrfdn2023")
    assert learning_rate(recipe, 0) == pytest.approx(5e-4 / 3000)
    assert learning_rate(recipe, 3000) == pytest.approx(5e-4)
    assert recipe.ema == 0.9999


@given(total=st.integers(10, 100_000), name=st.sampled_from(recipe_names()))
def test_stages_scaled_to_another_length_add_up_to_it(total: int, name: str) -> None:
    assert sum(load_recipe(name).stage_steps(total)) == total


@given(step=st.integers(0, 11999))
def test_the_common_rate_never_exceeds_its_base_and_ends_near_zero(step: int) -> None:
    recipe = load_recipe("common")
    total = sum(recipe.stage_steps())
    assert 0 <= learning_rate(recipe, step, total) <= recipe.stages[0].rate
    assert learning_rate(recipe, total - 1, total) < recipe.stages[0].rate / 100


def test_an_unknown_recipe_gets_a_suggestion() -> None:
    with pytest.raises(SrbenchError, match="did you mean imdn2019"):
        load_recipe("imdn2018")


def test_a_setting_that_no_recipe_knows_is_refused_by_name(tmp_path: Path) -> None:
    text = (Path(str(__import__("srbench").__path__[0])) / "training/recipes/common.toml").read_text()
    file = tmp_path / "mine.toml"
    file.write_text("optimiser = 'sgd'\n" + text)
    with pytest.raises(SrbenchError, match="optimiser"):
        load_recipe(str(file))


def test_the_digest_changes_with_any_setting() -> None:
    recipe = load_recipe("common")
    other = Recipe(**{**recipe.model_dump(), "batch": recipe.batch + 1})
    assert recipe.digest() != other.digest()


def test_three_stages_start_anew_and_the_last_has_an_l2_loss_on_larger_patches() -> None:
    recipe = load_recipe("three-stage")
    first, second, last = recipe.stages
    begins = (0, 1000 * recipe.steps_per_epoch, 2000 * recipe.steps_per_epoch)
    assert [learning_rate(recipe, step) for step in begins] == pytest.approx([5e-4, 5e-4, 2e-5])
    assert learning_rate(recipe, begins[1] - 1) == pytest.approx(5e-4 / 16)
    assert [stage.warm_start for stage in recipe.stages] == [False, True, True]
    assert (first.loss, second.loss, last.loss) == ("l1", "l1", "l2")
    assert (recipe.lr_patch(4, first), recipe.lr_patch(4, last)) == (64, 160)


def test_settings_that_came_later_leave_the_hash_of_older_recipes_alone() -> None:
    assert load_recipe("common").digest() == "f696c5d1b3f3ba2114504a990ee46cc33001f4cb8c8789a3ecdaf5ce5e750bd8"
    warm = load_recipe("three-stage")
    cold = warm.model_copy(update={"stages": tuple(s.model_copy(update={"warm_start": False}) for s in warm.stages)})
    assert warm.digest() != cold.digest()
