"""The engine of acts: the only way anything about a case changes.

``do`` performs an act, ``propose`` stores one for another person's decision, ``decide`` decides it,
``submit`` picks the right one of the two, ``offered`` tells which acts are lawful now and why others are
not. ``on`` lets an upper room react to an act inside the same transaction.
"""

from enforcement.engine.act import (
    Act,
    ActInput,
    Remedy,
    Run,
    Subject,
    act_named,
    all_acts,
)
from enforcement.engine.fields import LiveChoiceField, MoneyField, OfCase, SealedField, UploadField
from enforcement.engine.history import canonical
from enforcement.engine.offers import Offer, offered
from enforcement.engine.refusal import Conflict, OutOfSight, Refused
from enforcement.engine.running import Result, decide, do, on, propose, submit, withdraw

__all__ = [
    "Act",
    "ActInput",
    "Conflict",
    "LiveChoiceField",
    "MoneyField",
    "OfCase",
    "Offer",
    "OutOfSight",
    "Refused",
    "Remedy",
    "Result",
    "Run",
    "SealedField",
    "Subject",
    "UploadField",
    "act_named",
    "all_acts",
    "canonical",
    "decide",
    "do",
    "offered",
    "on",
    "propose",
    "submit",
    "withdraw",
]
