"""How good a model is: measures with intervals, calibration, abstention, subgroups, the release gate, pictures."""
