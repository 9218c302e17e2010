"""Who asks: `Authorization: Bearer <key>` (RFC 6750) or `X-Api-Key`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from starlette.requests import Request

from salus.contracts.errors import Unauthenticated
from salus.contracts.services import Caller
from salus.security.authorise import Action, authorise

ANONYMOUS = Caller("anonymous")


class KeyDirectory(Protocol):
    """Knows whose key is whose; `security.api_keys.KeyStore` is one."""

    def check(self, key: str) -> Caller:
        """The owner of `key`.

        Raises:
            Unauthenticated: Nobody's.
        """
        ...


@dataclass(frozen=True)
class Doorkeeper:
    """Lets callers in.

    Attributes:
        keys: Whose key is whose.
        public_catalogue: True lets everybody read the catalogue.
    """

    keys: KeyDirectory
    public_catalogue: bool

    def admit(self, request: Request, action: Action) -> Caller:
        """The caller of `request`, if it may do `action`.

        Raises:
            Unauthenticated: No key, or nobody's.
            Forbidden: The caller may not.
        """
        caller = self.keys.check(_read_key(request))
        authorise(caller, action)
        return caller

    def admit_reader(self, request: Request) -> Caller:
        """The caller of a request that reads the catalogue; nobody in particular where it is public.

        Raises:
            Unauthenticated: The catalogue is not public, and there is no key, or nobody's.
        """
        if self.public_catalogue:
            return ANONYMOUS
        return self.keys.check(_read_key(request))


def _read_key(request: Request) -> str:
    scheme, _, credentials = request.headers.get("authorization", "").partition(" ")
    key = credentials.strip() if scheme.lower() == "bearer" else request.headers.get("x-api-key", "").strip()
    if not key:
        raise Unauthenticated(
            "a key",
            found="none",
            remedy="Send it as `Authorization: Bearer <key>` or `X-Api-Key: <key>`; `make up` prints one.",
        )
    return key
