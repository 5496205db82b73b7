"""Model cards, one file of pure data per paper; every ``CARDS`` tuple in this folder is registered by itself."""
