from datetime import UTC, datetime

import pytest

from matinee.catalog.signature import new_secret, sign
from matinee.errors import InputError


def test_the_specifications_own_example() -> None:
    """From the reference libraries' tests of Standard Webhooks."""
    headers = sign(
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        datetime.fromtimestamp(1614265330, UTC),
        b'{"test": 2432232314}',
    )
    assert headers == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


def test_a_new_secret_signs() -> None:
    secret = new_secret(lambda count: b"\xff" * count)
    assert secret.startswith("whsec_")
    at = datetime(2026, 1, 1, tzinfo=UTC)
    one, other = sign(secret, "m", at, b"a"), sign(secret, "m", at, b"b")
    assert one["webhook-signature"] != other["webhook-signature"]


@pytest.mark.parametrize("secret", ["whsec_!", "whsec_a", "ö"])
def test_damaged_secrets(secret: str) -> None:
    with pytest.raises(InputError):
        sign(secret, "m", datetime(2026, 1, 1, tzinfo=UTC), b"")
