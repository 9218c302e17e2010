"""What every answer of the console says to the browser: what may run, and how long it may be kept."""

from __future__ import annotations

import re

_POLICY = (
    ("default-src", "'none'"),
    ("script-src", "'self'"),
    ("style-src", "'self'"),
    ("img-src", "'self' data: blob:"),
    ("connect-src", "'self'"),
    ("base-uri", "'none'"),
    ("form-action", "'none'"),
    ("frame-ancestors", "'none'"),
)

SECURITY_HEADERS = {
    "content-security-policy": "; ".join(f"{directive} {sources}" for directive, sources in _POLICY),
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}
"""Scripts and styles come from this host's files alone: none stands in the page, none comes from elsewhere."""

_HASHED = re.compile(r"-[A-Za-z0-9_-]{8}\.[a-z0-9]+$")
_YEAR_S = 365 * 24 * 3600


def cache_control(path: str) -> str:
    """How long the file at `path` may be kept.

    Args:
        path: Its path below the root, with forward slashes.

    Returns:
        A `Cache-Control` value (RFC 9111): a year for names that hold the content's hash, else a question each time.

    Example:
        >>> cache_control("assets/index-BEDJsw43.css")
        'public, max-age=31536000, immutable'
        >>> cache_control("index.html")
        'no-cache'
    """
    return f"public, max-age={_YEAR_S}, immutable" if _HASHED.search(path) else "no-cache"
