"""One structured event per fact, on standard error."""

import logging
import sys
from typing import Literal

import msgspec
import structlog

Format = Literal["auto", "text", "json"]
_SECRET_WORDS = ("key", "secret", "token", "authorization", "cookie", "password", "signature")
_SAFE = {"key_file", "idempotency_key_used"}


def configure(level: str, style: Format, *, component: str) -> None:
    """Set up structlog and the standard library's logging for this process.

    Args:
        level: least severe level written: `debug`, `info`, `warning` or `error`.
        style: `text` for people, `json` for programs, `auto` chooses by whether it is a terminal.
        component: `server`, `worker` ...; stands in every line.
    """
    people = style == "text" or (style == "auto" and sys.stderr.isatty())
    renderer: structlog.typing.Processor = (
        structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
        if people
        else structlog.processors.JSONRenderer(
            serializer=lambda event, **_: msgspec.json.encode(event, enc_hook=str).decode()
        )
    )
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        redact_secrets,
    ]
    structlog.configure(
        processors=[*shared, structlog.processors.format_exc_info, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(_number(level)),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    structlog.contextvars.bind_contextvars(component=component)
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(max(_number(level), logging.WARNING))


def _number(level: str) -> int:
    return logging.getLevelNamesMapping()[level.upper()]


def redact_secrets(
    _: structlog.typing.WrappedLogger, __: str, event: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    """Replace values whose name says that they are secret, and queries of signed URLs."""
    for name, value in event.items():
        if name not in _SAFE and any(word in name.lower() for word in _SECRET_WORDS):
            event[name] = "[redacted]"
        elif isinstance(value, str) and "://" in value and "?" in value:
            event[name] = value.partition("?")[0] + "?[redacted]"
    return event
