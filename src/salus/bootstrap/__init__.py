"""Ties the rooms together; the only reader of the environment."""
