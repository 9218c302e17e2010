"""The field's network families as torch modules: one family a file, with its formula and its paper.

Nothing here trains, reads data or knows a task. Image backbones take pictures as FP32 (samples, channels, height,
width) and answer `(logits, evidence)`: (samples, classes) and (samples, classes, grid height, grid width).
"""
