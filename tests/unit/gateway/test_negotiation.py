import pytest

from salus.gateway.negotiation import wants_card, wants_fhir


@pytest.mark.parametrize(
    ("accept", "wanted"),
    [
        ("", False),
        ("*/*", False),
        ("application/json", False),
        ("application/fhir+json", True),
        ("Application/FHIR+JSON; charset=utf-8", True),
        ("application/json, application/fhir+json", True),
        ("application/json;q=1.0, application/fhir+json;q=0.5", False),
        ("application/json;q=0.4, application/fhir+json; q=0.5, */*", True),
        ("application/fhir+json;q=0", False),
        ("application/fhir+json;q=much", False),
    ],
)
def test_fhir_is_answered_to_those_who_prefer_it(accept: str, wanted: bool) -> None:
    assert wants_fhir(accept) is wanted


def test_a_card_is_written_to_those_who_prefer_it() -> None:
    assert wants_card("text/markdown")
    assert wants_card("application/json;q=0.1, text/markdown")
    assert not wants_card("application/json, text/markdown;q=0.9")
    assert not wants_card("*/*")
