"""Structured logs: ids only. Whatever looks like an identity, phone or account number is struck out."""

import re
from typing import Any

import structlog

# 15 to 19 digits (identity and account numbers) or an 11-digit mobile number standing alone.
PERSONAL = re.compile(r"(?<!\d)(?:\d{14,18}[\dXx]|1[3-9]\d{9})(?!\d)")


# PostgreSQL repeats the values of a refused row in the DETAIL of its error.
DETAIL = re.compile(r"^(\s*DETAIL:).*$", re.MULTILINE)


def strike_personal_data(_logger: Any, _name: str, entry: dict[str, Any]) -> dict[str, Any]:
    """Replace personal numbers, and rows quoted by the database, in every text of a log entry."""
    return {key: _struck(value) for key, value in entry.items()}


def _struck(value: Any) -> Any:
    if isinstance(value, str):
        return PERSONAL.sub("[struck]", DETAIL.sub(r"\1 [struck]", value))
    if isinstance(value, dict):
        return {_struck(key): _struck(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_struck(inner) for inner in value]
    return value


SHARED_PROCESSORS: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.stdlib.PositionalArgumentsFormatter(),
    structlog.processors.format_exc_info,
    structlog.processors.UnicodeDecoder(),
    strike_personal_data,
]


def logging_config(*, json_lines: bool) -> dict[str, Any]:
    """Django's LOGGING: JSON lines in production, plain lines in the demo."""
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *SHARED_PROCESSORS,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    renderer: Any = (
        structlog.processors.JSONRenderer() if json_lines else structlog.dev.ConsoleRenderer(colors=False)
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "structured": {
                "()": structlog.stdlib.ProcessorFormatter,
                "processor": renderer,
                "foreign_pre_chain": SHARED_PROCESSORS,
            }
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "structured"}},
        "root": {"handlers": ["stderr"], "level": "INFO"},
        "loggers": {
            "django_structlog": {"level": "WARNING" if not json_lines else "INFO"},
            "celery": {"level": "WARNING"},
            "weasyprint": {"level": "ERROR"},
            "fontTools": {"level": "ERROR"},
            "pikepdf": {"level": "WARNING"},
        },
    }
