"""Stand-in for mamba_ssm: the selective scan; nothing else of it can be used."""
