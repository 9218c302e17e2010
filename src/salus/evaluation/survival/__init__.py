"""How good survival curves are: measures of right-censored data, each with a bootstrap interval."""
