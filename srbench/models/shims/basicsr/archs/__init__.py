"""Stand-in for ``basicsr.archs``."""
