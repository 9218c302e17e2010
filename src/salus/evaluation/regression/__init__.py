"""How good answers to "how much?" are."""
