"""What may be done between courts and agencies; importing this package registers the acts."""

# isort: off
from linkage.acts import inquiring
from linkage.acts import answering
from linkage.acts import following
from linkage.acts import undelivered
from linkage.acts import recalling
from linkage.acts import chasing
from linkage.acts import recording
from linkage.acts import sanctioning
from linkage.acts import renewals
from linkage.acts import assigning
from linkage.acts import control
from linkage.acts import freezing_found
from linkage.acts import renewing
from linkage.acts import deducting
from linkage.acts import lifting
from linkage.acts import transferring
from linkage.acts import restricting
from linkage import effects  # noqa: F401
from linkage.acts import agencies
from linkage.acts import agency_staff
from linkage.acts import agency_systems
from linkage.acts import conferences
from linkage.acts import conference_tasks
from linkage.acts import tips
from linkage.acts import tip_handling
from linkage.acts import peers
from linkage.acts import delegating
from linkage.acts import delegated
# isort: on

__all__ = [
    "delegated",
    "delegating",
    "peers",
    "agencies",
    "agency_staff",
    "agency_systems",
    "conference_tasks",
    "conferences",
    "answering",
    "assigning",
    "chasing",
    "control",
    "deducting",
    "freezing_found",
    "lifting",
    "renewing",
    "restricting",
    "transferring",
    "following",
    "inquiring",
    "recalling",
    "recording",
    "renewals",
    "sanctioning",
    "tip_handling",
    "tips",
    "undelivered",
]
