"""The one registry: same rules for models, datasets, quantities, checks, pages and verbs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from srbench import registry as registry_module
from srbench.errors import SrbenchError
from srbench.plugins import EntryPoint
from srbench.registry import Registry, all_or_nothing


@dataclass(frozen=True)
class Thing:
    name: str
    size: int = 0


@pytest.fixture
def things() -> Registry[Thing]:
    return Registry("thing", Thing, built_in=lambda: (Thing("ball"), Thing("cube")))


def test_names_are_found_without_regard_to_case(things: Registry[Thing]) -> None:
    assert things.get("Ball") is things.get("ball")
    assert "CUBE" in things
    assert 3 not in things


def test_an_unknown_name_is_answered_with_the_nearest(things: Registry[Thing]) -> None:
    with pytest.raises(SrbenchError, match="unknown thing 'bal'; did you mean ball"):
        things.get("bal")


def test_the_same_item_twice_is_harmless_and_another_under_its_name_is_refused(things: Registry[Thing]) -> None:
    things.add(Thing("ball"))
    with pytest.raises(SrbenchError, match="thing name 'BALL' is taken"):
        things.add(Thing("BALL", 3))
    assert things.get("ball") == Thing("ball")


def test_adding_is_all_or_nothing(things: Registry[Thing]) -> None:
    with pytest.raises(SrbenchError, match="got a int where a thing is registered; expected Thing"):
        things.add(Thing("cone"), 3)  # type: ignore[arg-type]
    assert things.names() == ("ball", "cube")


def test_what_is_added_in_a_scope_is_gone_behind_it(things: Registry[Thing]) -> None:
    with things.scoped():
        things.add(Thing("cone"))
        assert "cone" in things
    assert "cone" not in things
    assert len(things) == 2


def test_a_file_of_several_additions_counts_whole_or_not_at_all(things: Registry[Thing]) -> None:
    other = Registry("other", Thing, built_in=lambda: (Thing("a"),))
    len(other), len(things)

    def plugin_file() -> None:
        with all_or_nothing():
            things.add(Thing("cone"))
            other.add(Thing("a", 9))

    with pytest.raises(SrbenchError):
        plugin_file()
    assert "cone" not in things


def test_entry_points_are_read_once_and_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[str] = []

    def points(group: str) -> list[tuple[str, object]]:
        looks.append(group)
        return [("one", Thing("far")), ("two", [Thing("away"), Thing("off")])]

    monkeypatch.setattr(registry_module, "entry_points", points)
    things = Registry("thing", Thing, group="srbench.things", built_in=lambda: (Thing("ball"),))
    assert not looks
    assert things.names() == ("ball", "far", "away", "off")
    assert looks == ["srbench.things"]


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("text", "got a str where a thing is registered; expected Thing"),
        (5, "got a int where a thing is registered; expected Thing"),
        ([Thing("cone"), 5], "got a int where a thing is registered; expected Thing"),
        (Thing("Ball", 3), "thing name 'Ball' is taken already"),
        (Thing(7), "the name of a thing is 7; expected a text"),  # type: ignore[arg-type]
    ],
)
def test_a_wrong_entry_point_is_skipped_with_one_warning_that_names_it(
    monkeypatch: pytest.MonkeyPatch, value: object, why: str
) -> None:
    points = [EntryPoint("bad", value, "badpkg"), EntryPoint("good", Thing("far"), "goodpkg")]
    monkeypatch.setattr(registry_module, "entry_points", lambda group: points)
    things = Registry("thing", Thing, group="srbench.things", built_in=lambda: (Thing("ball"),))
    with pytest.warns(UserWarning, match="was skipped") as caught:
        assert things.names() == ("ball", "far")
    (warning,) = caught
    assert str(warning.message).startswith(
        f"entry point 'bad' of group srbench.things of package 'badpkg' was skipped: {why}"
    )


def test_what_an_item_of_another_raises_names_it_and_whose_it_is(
    things: Registry[Thing], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registry_module, "importing", lambda: Path("plug.py"))
    things.add(Thing("cone"))
    cone, ball = things.get("cone"), things.get("ball")
    assert (things.origin(cone), things.origin(ball)) == (" of 'plug.py'", "")
    with (
        pytest.raises(
            SrbenchError, match=r"thing 'cone' of 'plug.py' raised KeyError in test_registry.py line \d+: 'x'"
        ),
        things.answering_for(cone),
    ):
        raise KeyError("x")
    with pytest.raises(KeyError), things.answering_for(ball):
        raise KeyError("x")
    assert str(things.refused(cone, None, "a text")) == "thing 'cone' of 'plug.py' gave nothing; expected a text."
