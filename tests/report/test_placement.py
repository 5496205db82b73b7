"""Labels never lie on each other, on markers, on obstacles or outside the axes."""

from __future__ import annotations

from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st

from srbench.report.placement import Anchor, Rect, crosses, place_labels

BOUNDS = Rect(0, 0, 600, 400)
anchors = st.lists(
    st.builds(
        Anchor,
        x=st.floats(10, 590),
        y=st.floats(10, 390),
        radius=st.just(5.0),
        width=st.floats(20, 90),
        height=st.just(14.0),
    ),
    max_size=18,
)


def check(points: list[Anchor], bounds: Rect = BOUNDS, obstacles: tuple[Rect, ...] = ()) -> int:
    places = [place for place in place_labels(points, bounds, obstacles) if place]
    for place in places:
        assert place.rect.inside(bounds)
        assert not any(place.rect.overlaps(point.marker) for point in points)
        assert not any(place.rect.overlaps(box) for box in obstacles)
    for one, two in combinations(places, 2):
        assert not one.rect.overlaps(two.rect)
    return len(places)


@settings(max_examples=25, deadline=None)
@given(anchors)
def test_no_two_boxes_overlap(points: list[Anchor]) -> None:
    assert check(points) == len(points)


def test_a_heap_of_points_still_gets_all_its_labels() -> None:
    heap = [Anchor(300 + 3 * i, 200 + (i * 7) % 5, 5, 60, 14) for i in range(13)]
    assert check(heap) == 13


def test_obstacles_are_kept_free() -> None:
    box = Rect(110, 90, 200, 110)
    assert check([Anchor(100, 100, 5, 50, 14)], obstacles=(box,)) == 1


def test_a_label_without_room_is_left_out_rather_than_overprinted() -> None:
    assert place_labels([Anchor(20, 20, 5, 500, 14)], Rect(0, 0, 100, 40)) == (None,)


def test_a_lonely_label_lies_right_of_its_point_without_a_leader() -> None:
    (place,) = place_labels([Anchor(100, 100, 5, 50, 14)], BOUNDS)
    assert place is not None
    assert place.leader is None
    assert place.rect.x0 > 105


def test_leaders_do_not_strike_through_text() -> None:
    points = [Anchor(300 + 8 * i, 200 + 6 * (i % 2), 5, 55, 14) for i in range(6)]
    places = [place for place in place_labels(points, BOUNDS) if place]
    leaders = [place.leader for place in places if place.leader]
    assert leaders
    assert not any(crosses(place.rect, leader) for place in places for leader in leaders)


def test_the_same_points_give_the_same_places() -> None:
    points = [Anchor(100 + 19 * i, 100 + (i * 37) % 50, 5, 55, 14) for i in range(15)]
    assert place_labels(points, BOUNDS) == place_labels(points, BOUNDS)
