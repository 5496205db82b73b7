"""Stand-in for timm: what super-resolution networks take of it."""
