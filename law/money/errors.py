"""Refusals of facts: each names the field it is about and says what to do."""

from __future__ import annotations

from collections.abc import Mapping

from law.steps import Step, Translate

__all__ = ["Errors", "FactError", "FactErrors"]


def _same(text: str) -> str:
    return text


class FactError(ValueError):
    """One fact is wrong or contradicts another.

    ``field`` is a path such as ``receipts[0].paid_on``; ``message`` is a :class:`~law.steps.Step`, so that
    it can be shown in the reader's language.
    """

    def __init__(self, field: str, message: str | Step, params: Mapping[str, str] | None = None) -> None:
        self.field = field
        self.message = message if isinstance(message, Step) else Step(message, params or {})
        super().__init__(f"{field}: {self.message}")

    def __reduce__(self) -> tuple[object, ...]:
        return (type(self), (self.field, self.message))

    def render(self, translate: Translate = _same) -> str:
        """The sentence in the language of ``translate``."""
        return self.message.render(translate)

    def in_language(self, translate: Translate = _same) -> dict[str, str]:
        """Every refused field with its sentence in the language of ``translate``."""
        return {self.field: self.render(translate)}

    @property
    def errors(self) -> dict[str, str]:
        """Every refused field with its English sentence."""
        return self.in_language()


class FactErrors(FactError):
    """Several facts refused at once; ``field`` and ``message`` are those of the first."""

    def __init__(self, found: tuple[FactError, ...]) -> None:
        self.found = tuple(found)
        super().__init__(self.found[0].field, self.found[0].message)
        self.args = ("; ".join(f"{error.field}: {error.message}" for error in self.found),)

    def __reduce__(self) -> tuple[object, ...]:
        return (type(self), (self.found,))

    def in_language(self, translate: Translate = _same) -> dict[str, str]:
        return {error.field: error.render(translate) for error in self.found}


class Errors:
    """Collects refusals, so that a reader learns all of them at once."""

    def __init__(self) -> None:
        self._found: dict[str, FactError] = {}

    def add(self, field: str, message: str, **params: str) -> None:
        """Refuse ``field``; the first refusal of a field is the one kept."""
        self._found.setdefault(field, FactError(field, message, params))

    def __bool__(self) -> bool:
        return bool(self._found)

    def raise_if_any(self) -> None:
        """Raise :class:`FactErrors` with all that was refused, or do nothing."""
        if self._found:
            raise FactErrors(tuple(self._found.values()))
