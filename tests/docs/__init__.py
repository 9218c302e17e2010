"""The documentation says what is so, and its blocks run."""
