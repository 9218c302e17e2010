"""The one table from errors to exit codes; `salus --help` and docs/reference/cli.md show it."""

from __future__ import annotations

from salus.contracts import errors

OTHERWISE, QUALITY_REFUSED = 1, 11

EXIT_CODES: tuple[tuple[type[errors.SalusError], int, str], ...] = (
    (errors.GateNotMet, 10, "a release goal is not met"),
    (errors.QualityRefused, QUALITY_REFUSED, "the data must not be trained on as they are"),
    (errors.PackageRejected, 12, "a model package is unsigned, altered, truncated or hostile"),
    (errors.ChecksumMismatch, 13, "bytes are not the promised bytes"),
    (errors.DataUnavailable, 14, "no copy of a data set is at hand"),
    (errors.MissingDependency, 15, "an optional library is not installed"),
    (errors.NotFound, 16, "no such thing under this name"),
    (errors.Conflict, 17, "the state does not allow it"),
    (errors.Unauthenticated, 18, "the key is missing or wrong"),
    (errors.Forbidden, 19, "the caller may not do this"),
    (errors.Overloaded, 20, "the service is overloaded"),
    (errors.DeadlineExceeded, 21, "the answer would come too late"),
    (errors.ServiceUnavailable, 22, "the service is not ready"),
    (errors.InvalidInput, 2, "the input cannot be used (also: wrong arguments)"),
    (errors.SalusError, OTHERWISE, "anything else that went wrong"),
)


def exit_code(error: errors.SalusError) -> int:
    """The exit code of `error`: that of the first row whose type fits."""
    return next(code for kind, code, _ in EXIT_CODES if isinstance(error, kind))
