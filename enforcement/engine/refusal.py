"""Why an act did not happen. Every refusal is a sentence and names the rule it rests on."""

from collections.abc import Sequence

from law.citations import Citation


class Refused(Exception):
    """The law or the system's separation of powers forbids the act; nothing was done.

    ``reason`` is a translated sentence; ``basis`` the rule it rests on; ``field`` the input it concerns;
    ``code`` a stable word for systems.
    """

    def __init__(
        self,
        reason: str,
        basis: Citation | Sequence[Citation] = (),
        *,
        field: str = "",
        code: str = "refused",
    ):
        super().__init__(str(reason))
        self.reason = str(reason)
        self.basis: tuple[Citation, ...] = (basis,) if isinstance(basis, Citation) else tuple(basis)
        self.field = field
        self.code = code


class Conflict(Refused):
    """Somebody acted meanwhile, or the same key was used for something else."""


class OutOfSight(Exception):
    """The case does not exist for this person: answered exactly like one that never existed."""
