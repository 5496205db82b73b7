"""Every count that reports, audit and the table of all models ask for, made anew."""

from __future__ import annotations

from srbench.leaderboard import audit, causes, states, zoo_table
from srbench.leaderboard.causes import networks, stored_counts
from srbench.leaderboard.causes.candidates import candidates


def text() -> str:
    """What :data:`stored_counts.FILE` should hold; takes half a minute, as it counts every registered network."""
    with stored_counts.ignored():
        _forget()
        states.compare()
        audit.run()
        zoo_table.render()
        found = stored_counts.text()
    _forget()
    return found


def _forget() -> None:
    stored_counts.forget()
    for cached in (networks.params, networks.weights_only, networks.counts, networks.layers, candidates,
                   causes.cost_causes, causes.of_table):  # fmt: skip
        cached.cache_clear()


__all__ = ["text"]
