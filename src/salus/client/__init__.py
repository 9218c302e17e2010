"""A Python client of the gateway, in the manner of httpx; it knows the contracts alone."""

from salus.client.client import AsyncClient, Client

__all__ = ["AsyncClient", "Client"]
