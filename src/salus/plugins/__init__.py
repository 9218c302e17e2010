"""Finds what other distributions add: packs, by the entry-point group `salus.packs`."""
