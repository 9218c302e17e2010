"""Published standards, one file or folder each: pure `read_` and `write_` functions; no socket, no application."""
