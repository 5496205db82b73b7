"""Models that are not srbench's own, in a process of theirs: what they do to it is one failed cell, nothing more."""
