"""Challenges: submissions read, checked, measured in isolation and ranked by the rules of their year."""

from __future__ import annotations
