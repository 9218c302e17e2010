"""How good answers to "which option?" are: from observed data alone, and where true effects are known."""
