"""Corrected texts over the shipped catalogues, in every process, seconds after they were corrected."""

from __future__ import annotations

import threading
import time
from datetime import datetime

from django.conf import settings
from django.db.models import Max
from django.utils.translation import trans_real

from enforcement.models import TranslationCorrection

_lock = threading.Lock()
_known: datetime | None = None
_looked = float("-inf")


def refresh_if_due() -> None:
    """Look for newer corrections, at most every ``settings.TRANSLATION_CHECK_SECONDS`` (0: never)."""
    global _looked
    every = settings.TRANSLATION_CHECK_SECONDS
    if not every or time.monotonic() - _looked < every:
        return
    _looked = time.monotonic()
    refresh()


def refresh() -> int:
    """Put corrections made since the last look over the catalogues; how many those were."""
    global _known
    with _lock:
        corrections = TranslationCorrection.objects.all()
        newest = corrections.aggregate(newest=Max("corrected_at"))["newest"]
        if newest is None or newest == _known:
            return 0
        if _known is not None:
            # The last moment once more: a correction of the same instant may have been committed after it.
            corrections = corrections.filter(corrected_at__gte=_known)
        count = 0
        for language, source, text in corrections.values_list("language", "source", "text"):
            # gettext asks the first catalogue first; the loaded files are left as they are on disk.
            trans_real.translation(language)._catalog[source] = text  # type: ignore[attr-defined]
            count += 1
        _known = newest
    return count
