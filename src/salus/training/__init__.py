"""Fitting from one seed: optimisers, schedules, augmentation, checkpoints, search, tracking.

`image_estimator` and `tabular` keep the contracts' promise of an estimator; `loop` trains any torch module. Training
over several machines is not here yet.
"""
