"""Stand-in for ``timm.models``: its layers, and the decorators that register models."""
