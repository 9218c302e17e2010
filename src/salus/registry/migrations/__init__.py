"""The steps by which a registry's tables came to be. Each is taken once, when a registry is opened."""
