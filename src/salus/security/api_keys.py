"""Keys that callers show: random, stored as hashes, checked in constant time.

A key holds 256 random bits, so there is nothing to guess from a list of likely ones: a plain SHA-256 is as strong
here as a slow password hash (argon2) would be, and it costs a microsecond instead of tens of milliseconds a request.
Passwords that people choose do not belong here.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

import msgspec

from salus.contracts.errors import Conflict, InvalidInput, NotFound, Unauthenticated
from salus.contracts.services import Caller
from salus.security.authorise import ROLES
from salus.security.private_files import create_private, locked, read_private, replace_private

DEVELOPMENT_PREFIX = "salus_dev"
DEVELOPMENT_NAME = "development"
_LONGEST_KEY = 256


class KeyEntry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A key as it is stored: whose it is, what its owner may be, and the SHA-256 (hex) of the key itself."""

    name: str
    roles: tuple[str, ...]
    sha256: str


class _KeyFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    keys: tuple[KeyEntry, ...] = ()


def make_key(prefix: str = DEVELOPMENT_PREFIX) -> str:
    """A new key: the prefix, an underscore, and 256 random bits in URL-safe base64."""
    return f"{prefix}_{secrets.token_urlsafe(32)}"


class KeyStore:
    """The keys of an installation, in one private file. A key itself is never stored.

    A change of the file counts from the next check on, in every process.

    Args:
        path: The file; it need not exist yet.

    Example:
        >>> from pathlib import Path
        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as folder:
        ...     store = KeyStore(Path(folder, "keys.json"))
        ...     key = store.issue("ward-7", roles={"caller"})
        ...     store.check(key).name
        'ward-7'
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stamp: tuple[int, ...] | None = None
        self._entries: tuple[KeyEntry, ...] = ()

    def entries(self) -> tuple[KeyEntry, ...]:
        """What is stored.

        Raises:
            Conflict: Others may read the file, or it holds something else.
        """
        try:
            facts = self._path.stat()
        except FileNotFoundError:
            return ()
        stamp = (facts.st_ino, facts.st_mtime_ns, facts.st_size, facts.st_mode)
        if stamp != self._stamp:
            self._entries = _read_entries(self._path)
            self._stamp = stamp
        return self._entries

    def issue(self, name: str, *, roles: Iterable[str], prefix: str = "salus_key") -> str:
        """Make a key for `name` and return it: the only time that it is seen.

        Raises:
            InvalidInput: An unknown role, or none.
            Conflict: `name` has a key.
        """
        key = make_key(prefix)
        self.admit(name, key, roles=roles)
        return key

    def admit(self, name: str, key: str, *, roles: Iterable[str], replace: bool = False) -> None:
        """Store the hash of a key that was made elsewhere; `replace` forgets the one before. Raises as `issue`."""
        wanted = tuple(sorted(set(roles)))
        unknown = sorted(set(wanted) - set(ROLES))
        if unknown or not wanted or not name:
            raise InvalidInput(
                f"a name and roles of {', '.join(ROLES)}",
                found=f"the roles {', '.join(wanted) or 'none'}",
                remedy="Name at least one of the roles.",
            )
        with locked(self._path):
            entries = self.entries()
            if replace:
                entries = tuple(entry for entry in entries if entry.name != name)
            if any(entry.name == name for entry in entries):
                raise Conflict(
                    f"no key for {name!r} yet",
                    found="one",
                    remedy="Revoke it first, or choose another name.",
                )
            self._write((*entries, KeyEntry(name=name, roles=wanted, sha256=_hash(key))))

    def revoke(self, name: str) -> None:
        """Forget the key of `name`.

        Raises:
            NotFound: There is none.
        """
        with locked(self._path):
            entries = self.entries()
            kept = tuple(entry for entry in entries if entry.name != name)
            if len(kept) == len(entries):
                raise NotFound(f"a key for {name!r}", found="none", remedy="Look at the names of the keys.")
            self._write(kept)

    def check(self, key: str) -> Caller:
        """Whose key this is.

        Every stored hash is compared, each in constant time.

        Raises:
            Unauthenticated: Nobody's.
        """
        owner: KeyEntry | None = None
        if len(key) <= _LONGEST_KEY:
            shown = _hash(key)
            for entry in self.entries():
                if hmac.compare_digest(entry.sha256, shown):
                    owner = entry
        if owner is None:
            raise Unauthenticated(
                "a key of this installation",
                found="another text",
                remedy="`make up` prints the development key; send it as `Authorization: Bearer <key>`.",
            )
        return Caller(name=owner.name, roles=frozenset(owner.roles))

    def _write(self, entries: tuple[KeyEntry, ...]) -> None:
        replace_private(self._path, msgspec.json.format(msgspec.json.encode(_KeyFile(entries)), indent=2))


def load_or_create_development_key(path: Path, store: KeyStore) -> str:
    """The key that `make up` prints, with every role.

    It is the one key that is also kept in plain, in a file of mode 0600, so that it can be printed again.

    Args:
        path: The plain key's file.
        store: Where its hash is kept; brought up to date where it knows another one.

    Raises:
        Conflict: Others may read one of the files.
    """
    try:
        content = read_private(path)
    except FileNotFoundError:
        content = create_private(path, make_key().encode("ascii") + b"\n")
    key = content.decode("utf-8", errors="replace").strip()
    if not key.startswith(f"{DEVELOPMENT_PREFIX}_"):
        raise Conflict(
            f"a development key in {path.name}", found="something else", remedy="Remove it to have a new one made."
        )
    with suppress(Unauthenticated):
        if store.check(key).name == DEVELOPMENT_NAME:
            return key
    store.admit(DEVELOPMENT_NAME, key, roles=ROLES, replace=True)
    return key


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode("utf-8", errors="surrogatepass")).hexdigest()


def _read_entries(path: Path) -> tuple[KeyEntry, ...]:
    try:
        return msgspec.json.decode(read_private(path), type=_KeyFile).keys
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Conflict(
            f"the stored keys in {path.name}", found="something else", remedy="Restore the file, or remove it."
        ) from error
