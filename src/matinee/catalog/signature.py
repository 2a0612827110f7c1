"""Signatures of webhooks as Standard Webhooks 1.0.0 defines them.

<https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md>
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Callable
from datetime import datetime

from matinee.errors import InputError

SECRET_PREFIX = "whsec_"  # noqa: S105 # no secret, only how all begin
SECRET_BYTES = 32
"""The specification asks for 24 to 64."""


def new_secret(entropy: Callable[[int], bytes]) -> str:
    """Return a secret for a webhook; *entropy* is such as `secrets.token_bytes`."""
    return SECRET_PREFIX + base64.b64encode(entropy(SECRET_BYTES)).decode()


def sign(secret: str, message_id: str, at: datetime, body: bytes) -> dict[str, str]:
    """Return the headers that prove *body* to be ours and sent now.

    Raises:
        InputError: `bad-webhook-secret`, it is not `whsec_` and base64.
    """
    timestamp = str(int(at.timestamp()))
    signed = b".".join((message_id.encode(), timestamp.encode(), body))
    mac = hmac.new(_key_of(secret), signed, hashlib.sha256).digest()
    return {
        "webhook-id": message_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": f"v1,{base64.b64encode(mac).decode()}",
    }


def _key_of(secret: str) -> bytes:
    try:
        return base64.b64decode(secret.removeprefix(SECRET_PREFIX), validate=True)
    except (binascii.Error, ValueError) as error:
        raise InputError("The webhook's secret is damaged.", code="bad-webhook-secret") from error
