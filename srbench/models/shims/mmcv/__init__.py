"""Stand-in for mmcv."""
