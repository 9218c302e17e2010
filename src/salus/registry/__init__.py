"""Packages by name and version: candidate, approved, retired; aliases, lineage, deployments, history."""
