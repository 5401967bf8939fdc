"""Search terms of names and numbers: one or two characters are enough, pinyin initials too.

Trigram indexes can't find one or two Chinese characters, so a row carries its terms in an array under a
GIN index: every single character, every pair, the initials of its reading, and known spelling variants of
Tibetan names written in Chinese.
"""

import re
import unicodedata

from pypinyin import Style, lazy_pinyin

LONGEST_TERM = 24
# The same Tibetan name is written in more than one way in Chinese; each group is one name.
VARIANTS = [
    ("旦增", "丹增"),
    ("次仁", "才仁", "泽仁"),
    ("扎西", "札西"),
    ("卓玛", "卓嘎玛"),
    ("格桑", "嘎桑"),
    ("旺堆", "旺对"),
    ("索朗", "索南"),
    ("达瓦", "达娃"),
    ("普布", "普卜"),
    ("洛桑", "罗桑"),
    ("德吉", "得吉"),
    ("尼玛", "尼马"),
]


def normalise(text: str) -> str:
    """Compatibility form, lower case, without spaces: what terms are made from."""
    return re.sub(r"[\s·•．.、，,（）()]+", "", unicodedata.normalize("NFKC", text)).lower()


def _is_han(character: str) -> bool:
    return "CJK" in unicodedata.name(character, "")


def _pieces(text: str) -> list[str]:
    """Units of a name: Han characters, Tibetan syllables, runs of other letters."""
    units: list[str] = []
    for run in re.findall(r"[\u0f00-\u0fff]+|[^\u0f00-\u0fff]+", text):
        if "\u0f00" <= run[0] <= "\u0fff":
            units.extend(syllable for syllable in re.split(r"[\u0f0b-\u0f14]+", run) if syllable)
        else:
            units.extend(run)
    return units


def terms(text: str) -> set[str]:
    """All terms under which a name is found."""
    found: set[str] = set()
    for spelling in _spellings(normalise(text)):
        units = _pieces(spelling)
        found.update(unit[:LONGEST_TERM] for unit in units)
        found.update((first + second)[:LONGEST_TERM] for first, second in zip(units, units[1:], strict=False))
        initials = "".join(
            reading[:1]
            for reading in lazy_pinyin(spelling, style=Style.FIRST_LETTER)
            if reading[:1].isalnum()
        )
        if any(_is_han(character) for character in spelling):
            # Prefixes of the initials from every place, so that "zx" finds 扎西 in 次仁扎西.
            found.update(
                "~" + initials[start:end]
                for start in range(len(initials))
                for end in range(start + 1, min(len(initials), start + 6) + 1)
            )
    return found


def _spellings(text: str) -> set[str]:
    spellings = {text}
    for group in VARIANTS:
        for written in group:
            if written in text:
                spellings.update(text.replace(written, other) for other in group)
    return spellings


def query_terms(text: str) -> list[set[str]]:
    """What a typed query must match: any of these sets, each as a whole."""
    typed = normalise(text)
    if not typed:
        return []
    units = _pieces(typed)
    wanted = (
        {(first + second)[:LONGEST_TERM] for first, second in zip(units, units[1:], strict=False)}
        if len(units) > 1
        else set(units)
    )
    choices = [wanted]
    if typed.isascii() and typed.isalpha() and len(typed) <= 6:
        choices.append({"~" + typed})
    return choices


def number_terms(year: int, type_code: str, serial: int) -> set[str]:
    """Terms of a case number: its serial alone, and with its year."""
    return {f"#{serial}", f"#{year}-{serial}", f"#{type_code}{serial}"}
