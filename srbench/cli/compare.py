"""srbench compare: the same crop of one image from every model, with scores, error maps, a figure and a page."""
