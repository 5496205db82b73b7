"""Visual comparison of models on one image: the crop where they differ most, scores, error maps, figure and page.

Holds the computation and the records of a comparison (`compare`), after IMDN Fig. 8 and AIDN Fig. 5.
"""
