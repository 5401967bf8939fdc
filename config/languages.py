"""Languages of the product: Chinese, Tibetan, English.

Django ships no language information for Tibetan (bo), so it is registered here, before any
template asks for it.
"""

from django.conf import locale
from django.utils.translation import gettext_lazy as _

locale.LANG_INFO.setdefault("bo", {"bidi": False, "code": "bo", "name": "Tibetan", "name_local": "བོད་ཡིག"})

LANGUAGES = [("zh-hans", _("Chinese")), ("bo", _("Tibetan")), ("en", _("English"))]
SHORT_NAMES = {"zh-hans": "中文", "bo": "བོད་ཡིག", "en": "EN"}
