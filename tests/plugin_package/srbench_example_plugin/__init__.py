"""An example of a package that adds to srbench without touching it; see pyproject.toml for the entry points."""
