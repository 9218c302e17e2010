"""How the gateway listens."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class GatewaySettings:
    """Where the gateway listens, and how much and how long a request may be."""

    host: str = "127.0.0.1"
    """Address to listen on. `0.0.0.0` makes the services reachable from other machines: put TLS in front."""
    port: int = 8080
    """Port to listen on; 0 takes any free one."""
    max_body_bytes: int = 32 * 2**20
    """Largest body of a request; a larger one is refused with 413."""
    max_samples: int = 64
    """Most rows or pictures in one request to `/api`."""
    request_timeout_s: float = 60.0
    """Longest time from the first byte of a request to its answer; then 504."""
    public_catalogue: bool = True
    """True lets everybody read which services there are, their cards and figures; answers always need a key."""
    shutdown_grace_s: int = 20
    """Longest time that requests in flight are given when the gateway stops."""

    def __post_init__(self) -> None:
        if not 0 <= self.port <= 65535:
            raise ValueError(f"expected a port from 0 to 65535; found {self.port}")
        if min(self.max_body_bytes, self.max_samples, self.shutdown_grace_s) < 1 or self.request_timeout_s <= 0:
            raise ValueError("expected limits above 0 for body, samples, time and grace")
