"""From a fitted predictor to the graphs that are served: exported, calibrated, shrunk, compared and measured.

`variants.make_variants` walks through the room; `export`, `postprocessing`, `quantisation`, `pruning` and
`distillation` can be used by themselves.
"""
