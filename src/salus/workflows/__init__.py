"""The walks: each passes through the stages, which never call one another."""
