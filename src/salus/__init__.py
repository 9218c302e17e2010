"""Salus: AI models as a service for health, and for the city."""

__version__ = "0.1.0"
