"""Stand-in for basicsr: its registries, and the parts that networks share."""
