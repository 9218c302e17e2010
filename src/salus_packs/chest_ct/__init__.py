"""COVID-19 findings on chest CT pictures."""
