"""A recipe: the common one in 100 steps."""

from srbench.training.recipe import load_recipe

_COMMON = load_recipe("common")
_STAGE = _COMMON.stages[0].model_copy(update={"steps": 100})
SHORT = _COMMON.model_copy(update={"name": "example-short", "title": "Hundred steps", "stages": (_STAGE,)})
