"""Operators of the stand-in for mamba_ssm."""
