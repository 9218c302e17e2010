import pytest

from salus.gateway.settings import GatewaySettings


def test_the_defaults_listen_on_this_machine_alone() -> None:
    assert GatewaySettings().host == "127.0.0.1"


@pytest.mark.parametrize(
    "wrong",
    [{"port": -1}, {"port": 65536}, {"max_body_bytes": 0}, {"max_samples": 0}, {"request_timeout_s": 0.0}],
)
def test_settings_that_cannot_work_are_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="expected"):
        GatewaySettings(**wrong)  # type: ignore[arg-type]  # whole numbers where seconds are meant
