"""Serves the web application that `make web` builds from web/. It stands on the public API alone."""
