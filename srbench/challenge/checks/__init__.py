"""Checks of submissions before anything of theirs is run: one object per check, in an open registry."""

from __future__ import annotations

from srbench.challenge.checks.check import CHECKS, Check, CheckResult, Subject
from srbench.challenge.checks.validate import Validation, validate

__all__ = ["CHECKS", "Check", "CheckResult", "Subject", "Validation", "validate"]
