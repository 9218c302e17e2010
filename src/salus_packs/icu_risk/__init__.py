"""In-hospital death, from the first 48 hours in intensive care."""
