"""Somebody else's code in a process of its own: an existing sandbox if there is one, limits, a pipe without pickle."""

from __future__ import annotations
