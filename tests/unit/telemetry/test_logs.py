from matinee.telemetry.logs import redact_secrets


def test_secrets_and_signed_urls_are_not_logged() -> None:
    event = redact_secrets(
        None,
        "info",
        {
            "event": "x",
            "api_key": "mk_1",
            "webhook_secret": "s",
            "url": "https://cdn.example/a.mp4?Signature=abc",
            "title": "The key to the city",
        },
    )
    assert event == {
        "event": "x",
        "api_key": "[redacted]",
        "webhook_secret": "[redacted]",
        "url": "https://cdn.example/a.mp4?[redacted]",
        "title": "The key to the city",
    }
