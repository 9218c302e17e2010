"""Logs that hold no patient data, and metrics."""
