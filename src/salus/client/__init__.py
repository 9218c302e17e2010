"""A Python client of the gateway: `from salus.client.client import AsyncClient, Client`."""
