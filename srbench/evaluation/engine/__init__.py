"""The machinery below a run: images overlap in a bounded pipeline, nothing is decoded or resized twice, tiles fit."""
