"""What the cases worked on paper ask of the calculators."""

from typing import Any

from law.calculators import run


def result(kind: str, **facts: Any) -> dict[str, Any]:
    """The figures of a calculator, without its steps and articles."""
    return {name: value for name, value in run(kind, facts).items() if name not in ("steps", "articles")}
