"""Numbers that say who someone is: resident identity, organisations, bank cards (身份号码).

A checksum only shows that a number was not mistyped.  It does not show that the number was issued, nor to
whom: that is asked of the agency that issued it.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from law import clock
from law.steps import Step
from law.steps import mark as _

#: A division code that has never been assigned, for invented people and organisations.
#:
#: Codes are those of GB/T 2260: two digits for the province, two for the prefecture, two for the county.  The
#: standard gives prefectures 01-20 and 51-70 (cities), 21-50 (prefectures, leagues) and 90 (counties directly
#: under a province); 99 is in none of these ranges, and a county part of 00 names no county.  A number made
#: with it is valid in form and can not be a living person's.
UNASSIGNED_DIVISION = "549900"

#: A card prefix no bank can have: ISO/IEC 7812 gives 9 to national bodies, followed by the number of the
#: country; 999 is a user-assigned code of ISO 3166 that is never a country's.
UNASSIGNED_CARD_PREFIX = "999999"

#: Provinces of GB/T 2260; 81, 82 and 83 are also those of residence permits of Hong Kong, Macao and Taiwan.
_PROVINCES = frozenset(
    str(code)
    for codes in (
        range(11, 16),
        range(21, 24),
        range(31, 38),
        range(41, 47),
        range(50, 55),
        range(61, 66),
        [71, 81, 82, 83],
    )
    for code in codes
)
_EARLIEST_BIRTH_YEAR = 1880


class IdentityError(ValueError):
    """A number that can not be right; ``sentence`` says where it is wrong and can be translated."""

    def __init__(self, sentence: str, **params: str) -> None:
        self.sentence = Step(sentence, params)
        super().__init__(str(self.sentence))


class Sex(StrEnum):
    MALE = "male"
    FEMALE = "female"


def normalise(text: str) -> str:
    """The number in half-width capitals, without spaces, hyphens or invisible characters."""
    half_width = unicodedata.normalize("NFKC", text).upper()
    dropped = {"Cf", "Cc", "Zs", "Pd"}
    return "".join(c for c in half_width if unicodedata.category(c) not in dropped)


def division_is_known(code: str) -> bool:
    """Whether a division code begins with that of a province."""
    return code[:2] in _PROVINCES


# --- Resident identity numbers (公民身份号码), GB 11643 --------------------

_RESIDENT_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_RESIDENT_CHECKS = "10X98765432"


@dataclass(frozen=True)
class ResidentNumber:
    """A resident identity number and what can be read from it."""

    text: str
    division: str
    birth_date: date
    sex: Sex

    def age_on(self, day: date) -> int:
        """Full years of age on a day; a birthday counts from its own day on."""
        had_birthday = (day.month, day.day) >= (self.birth_date.month, self.birth_date.day)
        return day.year - self.birth_date.year - (not had_birthday)

    def __str__(self) -> str:
        return self.text


def check_resident_number(text: str) -> ResidentNumber:
    """Read a resident identity number, or raise :class:`IdentityError` saying where it is wrong."""
    number = normalise(text)
    if len(number) == 15 and _digits(number):
        raise IdentityError(_("Numbers of 15 digits are no longer valid; give the one of 18."))
    if len(number) != 18:
        raise IdentityError(
            _("A resident identity number has 18 characters, not %(count)s."), count=str(len(number))
        )
    for place, character in enumerate(number[:17], start=1):
        if not _digits(character):
            raise IdentityError(
                _("Character %(place)s of the identity number, %(character)s, is not a digit."),
                place=str(place),
                character=character,
            )
    if not (_digits(number[17]) or number[17] == "X"):
        raise IdentityError(
            _("The identity number ends with a digit or X, not %(character)s."), character=number[17]
        )
    if not division_is_known(number):
        raise IdentityError(
            _("The identity number begins with %(code)s, which is no province."), code=number[:2]
        )
    birth = _birth_date(number[6:14])
    if number[17] != _resident_check(number):
        raise IdentityError(
            _("The last character of the identity number does not fit the others; one of them is wrong.")
        )
    sex = Sex.MALE if int(number[16]) % 2 else Sex.FEMALE
    return ResidentNumber(number, number[:6], birth, sex)


def _birth_date(digits: str) -> date:
    try:
        birth = date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        raise IdentityError(
            _("Characters 7 to 14 of the identity number, %(digits)s, are not a date."), digits=digits
        ) from None
    if birth > clock.today():
        raise IdentityError(
            _("The birth date %(date)s in the identity number has not come yet."), date=birth.isoformat()
        )
    if birth.year < _EARLIEST_BIRTH_YEAR:
        raise IdentityError(
            _("The birth date %(date)s in the identity number is too long ago."), date=birth.isoformat()
        )
    return birth


def _resident_check(number: str) -> str:
    weighted = sum(int(digit) * weight for digit, weight in zip(number, _RESIDENT_WEIGHTS, strict=False))
    return _RESIDENT_CHECKS[weighted % 11]


def make_resident_number(division: str, birth: date, sequence: int) -> str:
    """The identity number of an invented person.  An odd ``sequence`` (0 to 999) is a man's."""
    if not re.fullmatch(r"[0-9]{6}", division) or not 0 <= sequence <= 999:
        raise ValueError("An identity number is made of six digits, a birth date and a sequence below 1000.")
    number = f"{division}{birth:%Y%m%d}{sequence:03d}"
    return number + _resident_check(number)


# --- Unified social credit codes (统一社会信用代码), GB 32100 --------------------

_CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # without I, O, S, V, Z, which look like digits
_CREDIT_WEIGHTS = tuple(pow(3, place, 31) for place in range(17))
_ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_AUTHORITIES = frozenset("123456789ANY")


@dataclass(frozen=True)
class CreditCode:
    """A unified social credit code and its parts."""

    text: str
    authority: str
    category: str
    division: str
    organisation: str

    def __str__(self) -> str:
        return self.text


def check_credit_code(text: str) -> CreditCode:
    """Read a unified social credit code, or raise :class:`IdentityError` saying where it is wrong."""
    code = normalise(text)
    if len(code) != 18:
        raise IdentityError(
            _("A unified social credit code has 18 characters, not %(count)s."), count=str(len(code))
        )
    for place, character in enumerate(code, start=1):
        if character not in _CREDIT_ALPHABET:
            raise IdentityError(
                _("Character %(place)s of the credit code, %(character)s, does not occur in such codes."),
                place=str(place),
                character=character,
            )
    if code[0] not in _AUTHORITIES:
        raise IdentityError(_("No registering authority has the letter %(character)s."), character=code[0])
    if not _digits(code[2:8]):
        raise IdentityError(
            _("Characters 3 to 8 of the credit code, %(code)s, are not a division."), code=code[2:8]
        )
    if code[17] != _credit_check(code):
        raise IdentityError(
            _("The last character of the credit code does not fit the others; one of them is wrong.")
        )
    return CreditCode(code, code[0], code[1], code[2:8], code[8:17])


def _credit_check(code: str) -> str:
    weighted = sum(
        _CREDIT_ALPHABET.index(character) * weight
        for character, weight in zip(code, _CREDIT_WEIGHTS, strict=False)
    )
    return _CREDIT_ALPHABET[-weighted % 31]


def _organisation_check(body: str) -> str:
    """The check character of an organisation code (GB 11714), characters 9 to 17 of a credit code."""
    weighted = sum(
        int(character, 36) * weight for character, weight in zip(body, _ORGANISATION_WEIGHTS, strict=True)
    )
    return "0123456789X"[-weighted % 11]


def make_credit_code(division: str, body: str | int, *, authority: str = "9", category: str = "1") -> str:
    """The credit code of an invented organisation.  ``body`` is a number, or eight letters and digits.

    "91" is an enterprise; a public institution is "12", a social organisation "51".
    """
    organisation = f"{body:08d}" if isinstance(body, int) else body.upper()
    code = f"{authority}{category}{division}{organisation}"
    if len(organisation) != 8 or len(code) != 16 or any(each not in _CREDIT_ALPHABET for each in code):
        raise ValueError("A credit code is made of two letters, six digits and eight letters or digits.")
    code += _organisation_check(organisation)
    return code + _credit_check(code)


# --- Bank cards and accounts (银行卡、账号) --------------------


def check_bank_card(text: str) -> str:
    """The number of a bank card in digits, or :class:`IdentityError` saying where it is wrong (Luhn)."""
    number = normalise(text)
    if not _digits(number):
        raise IdentityError(_("A bank card number has only digits."))
    if not 13 <= len(number) <= 19:
        raise IdentityError(
            _("A bank card number has 13 to 19 digits, not %(count)s."), count=str(len(number))
        )
    if _luhn(number):
        raise IdentityError(
            _("The last digit of the card number does not fit the others; one of them is wrong.")
        )
    return number


def check_account(text: str) -> str:
    """The number of an account; those of organisations have no checksum, so only the shape is looked at."""
    number = normalise(text)
    if not re.fullmatch(r"[0-9A-Z]{6,34}", number):
        raise IdentityError(_("An account number has 6 to 34 digits or letters."))
    return number


def make_bank_card(prefix: str, sequence: int, *, length: int = 19) -> str:
    """The number of an invented card, with a valid last digit."""
    room = length - len(prefix) - 1
    if not _digits(prefix) or not 13 <= length <= 19 or room < 1 or not 0 <= sequence < 10**room:
        raise ValueError("The prefix and the sequence do not fit the length of a card number.")
    number = f"{prefix}{sequence:0{room}d}"
    return number + str(-_luhn(number + "0") % 10)


def _luhn(number: str) -> int:
    """The Luhn sum modulo 10; zero for a valid number."""
    total = 0
    for place, digit in enumerate(reversed(number)):
        doubled = int(digit) * (2 if place % 2 else 1)
        total += doubled - 9 if doubled > 9 else doubled
    return total % 10


# --- Other documents and masks --------------------

#: Documents of which only the shape is known (其他证件).
_SHAPES = {
    "passport": r"[A-Z0-9]{5,15}",
    "hong_kong_macao_permit": r"[HM][0-9]{8}(?:[0-9]{2})?",
    "taiwan_permit": r"[0-9]{8}",
    "permanent_residence": r"[A-Z]{3}[0-9]{12}|9[0-9]{16}[0-9X]",
    "military": r"\w{4,24}",
    "other": r"[\w()]{3,40}",
}
DOCUMENT_KINDS = ("resident", *_SHAPES)


def check_document(kind: str, text: str) -> str:
    """The number of an identity document in its normal form; resident numbers are checked in full."""
    if kind == "resident":
        return check_resident_number(text).text
    number = normalise(text)
    if kind not in _SHAPES:
        raise IdentityError(_("%(kind)s is no kind of identity document."), kind=kind)
    if not re.fullmatch(_SHAPES[kind], number):
        raise IdentityError(
            _("%(number)s does not have the form of a number of this document."), number=number[:40]
        )
    return number


def mask_identity(text: str) -> str:
    """An identity number or credit code without its middle: 110101********1234."""
    return _mask(text, keep_first=6, keep_last=4)


def mask_phone(text: str) -> str:
    """A telephone number with its middle hidden: 138****5678."""
    return _mask(text, keep_first=3, keep_last=4)


def mask_account(text: str) -> str:
    """An account or card number of which only the last four characters are shown."""
    return _mask(text, keep_first=0, keep_last=4)


_LEAST_HIDDEN = 4


def _mask(text: str, *, keep_first: int, keep_last: int) -> str:
    """The number with its middle hidden; of one too short for that, at most half is shown."""
    number = normalise(text)
    if len(number) < keep_first + keep_last + _LEAST_HIDDEN:
        keep_first, keep_last = min(keep_first, len(number) // 4), min(keep_last, len(number) // 4)
    hidden = len(number) - keep_first - keep_last
    return number[:keep_first] + "*" * hidden + number[len(number) - keep_last :]


def _digits(text: str) -> bool:
    return text.isascii() and text.isdigit()
