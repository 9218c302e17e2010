"""Lesions in a generated chest phantom: a demonstration that needs no data."""
