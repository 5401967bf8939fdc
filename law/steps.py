"""Sentences that explain a computation and can be shown in any language.

A :class:`Step` keeps its template apart from its values, so that whoever shows it can translate the
template first and fill in the values afterwards. Templates are English literals wrapped in
:func:`mark`, which does nothing at run time: it only lets message extraction find them::

    from law.steps import Step, mark as _

    step = Step(_("%(days)s days × %(rate)s"), {"days": "114", "rate": "0.000175"})
    str(step)                 # the English sentence
    step.render(gettext)      # the sentence in the reader's language
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

__all__ = ["Step", "Translate", "mark", "noop"]

Translate = Callable[[str], str]


def noop(text: str) -> str:
    """Return ``text`` unchanged; a marker for message extraction."""
    return text


mark = noop


def _same(text: str) -> str:
    return text


@dataclass(frozen=True)
class Step:
    """One sentence: an English template with ``%(name)s`` places, and the values for them.

    A value may itself be a :class:`Step`, which is rendered in the same language.
    """

    template: str
    params: Mapping[str, str | Step] = field(default_factory=dict)

    def render(self, translate: Translate = _same) -> str:
        """The sentence after ``translate`` has been applied to its template."""
        values = {
            name: value.render(translate) if isinstance(value, Step) else value
            for name, value in self.params.items()
        }
        return translate(self.template) % values

    def __str__(self) -> str:
        return self.render()
