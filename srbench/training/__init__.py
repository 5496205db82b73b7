"""Training of registered models by recipes kept as data."""
