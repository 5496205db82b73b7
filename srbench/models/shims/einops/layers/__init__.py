"""Stand-in for ``einops.layers``."""
