"""Tables of the linkage between courts and agencies (联动)."""

from linkage.models.agencies import Channel, ChannelKind, MatterAnswered, Member, VerifyingKey
from linkage.models.requests import (
    PRIORITY_OF,
    WAITING_STATES,
    Answer,
    AnswerChannel,
    AnswerState,
    Dispatch,
    DispatchKind,
    Lift,
    Outcome,
    Priority,
    Question,
    Request,
    RequestDocument,
    RequestState,
)

__all__ = [
    "PRIORITY_OF",
    "WAITING_STATES",
    "Answer",
    "AnswerChannel",
    "AnswerState",
    "Channel",
    "ChannelKind",
    "Dispatch",
    "DispatchKind",
    "Lift",
    "MatterAnswered",
    "Member",
    "Outcome",
    "Priority",
    "Question",
    "Request",
    "RequestDocument",
    "RequestState",
    "VerifyingKey",
]
