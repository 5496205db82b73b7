"""Bundles for platforms: written from a challenge's rules, and checked by the platform's own unpacking rules."""

from __future__ import annotations

from srbench.challenge.platforms.platform import PLATFORMS, BundleOptions, Platform

__all__ = ["PLATFORMS", "BundleOptions", "Platform"]
