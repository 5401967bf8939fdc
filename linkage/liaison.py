"""What this part of the room adds to the house: words, places in the navigation, work of each day.

Importing it registers everything.
"""

from django.utils.translation import gettext_lazy as _

from directory.models import Duty
from enforcement.queries import notices, words
from enforcement.web import shell
from enforcement.web.shell import Place

LINKAGE = _("Linkage")
LOOKS = frozenset({Duty.COMMAND, Duty.BUREAU_HEAD, Duty.PRESIDENT, Duty.AUDITOR})

words.GROUPS.update(
    {
        "agencies": _("Agencies"),
        "agency-staff": _("People and keys of agencies"),
    }
)
notices.SENTENCES.update({})
PLACES = [Place(_("Agencies"), "agencies", "", LINKAGE, LOOKS)]
# Before the tools: it is daily work of the command centre.
_first_tool = next((index for index, place in enumerate(shell.PLACES) if place.group), len(shell.PLACES))
shell.PLACES[_first_tool:_first_tool] = PLACES
