"""The rules of a challenge: those of NTIRE 2022, under another name. Rules of one's own stand in a rules.toml."""

from srbench.rules import get_rules

RULES = get_rules("ntire2022-esr").model_copy(update={"id": "example-challenge", "title": "Example Challenge"})
