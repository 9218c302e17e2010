import pytest

from salus.security.signing import fingerprint_of
from salus.security.trust import TrustPolicy


def test_by_default_nobody_is_trusted_and_a_signature_is_required() -> None:
    assert TrustPolicy().require_signature
    assert not TrustPolicy().trusted_keys


def test_a_key_is_trusted_under_its_own_fingerprint_alone() -> None:
    key = bytes(32)
    assert TrustPolicy.trusting([key]).trusted_keys == {fingerprint_of(key): key}
    with pytest.raises(ValueError, match="fingerprint of a trusted key"):
        TrustPolicy(trusted_keys={"ed25519:0": key})


def test_a_limit_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="limits above 0"):
        TrustPolicy(max_files=0)
