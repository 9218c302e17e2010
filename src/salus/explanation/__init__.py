"""Why an answer came out as it did: explainers over any predictor, the overlay, and a check against known lesions."""
