"""Identity numbers, credit codes, bank cards: checksums and the sentences of refusal."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from law import clock
from law.identity import (
    UNASSIGNED_CARD_PREFIX,
    UNASSIGNED_DIVISION,
    IdentityError,
    Sex,
    check_account,
    check_bank_card,
    check_credit_code,
    check_document,
    check_resident_number,
    division_is_known,
    make_bank_card,
    make_credit_code,
    make_resident_number,
    mask_account,
    mask_identity,
    mask_phone,
    normalise,
)

# The example printed in GB 11643 itself.
STANDARD_EXAMPLE = "11010519491231002X"
# Form of GB 32100, with the organisation code D2143569-X that GB 11714 prints as its example.
CREDIT_EXAMPLE = "91350100M000100Y43"

BIRTHS = st.dates(date(1900, 1, 1), date(2025, 12, 31))
RESIDENTS = st.builds(make_resident_number, st.just(UNASSIGNED_DIVISION), BIRTHS, st.integers(0, 999))
ORGANISATIONS = st.builds(make_credit_code, st.just(UNASSIGNED_DIVISION), st.integers(0, 99_999_999))
CARDS = st.builds(make_bank_card, st.just(UNASSIGNED_CARD_PREFIX), st.integers(0, 999_999))


def _with_another(number: str, place: int, alphabet: str, choice: int) -> str:
    others = [each for each in alphabet if each != number[place]]
    return number[:place] + others[choice % len(others)] + number[place + 1 :]


def test_the_example_of_the_standard():
    read = check_resident_number(STANDARD_EXAMPLE)
    assert (read.division, read.birth_date, read.sex) == ("110105", date(1949, 12, 31), Sex.FEMALE)
    assert read.age_on(date(2025, 12, 30)) == 75
    assert read.age_on(date(2025, 12, 31)) == 76


def test_spaces_full_width_and_a_small_x_are_accepted():
    assert check_resident_number(" １１０１０５ 19491231 002x\u200b").text == STANDARD_EXAMPLE
    assert normalise("91350100-m000100y43") == CREDIT_EXAMPLE


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("110105491231002", "15 digits"),
        ("1101051949123100", "18 characters, not 16"),
        ("", "18 characters, not 0"),
        ("1101O519491231002X", "Character 5"),
        ("11010519491231002Y", "digit or X, not Y"),
        ("990105194912310025", "99, which is no province"),
        ("11010519490231002X", "19490231, are not a date"),
        ("110105194912310021", "does not fit"),
        ("11010517491231002X", "too long ago"),
    ],
)
def test_a_wrong_number_is_refused_saying_where(text, sentence):
    with pytest.raises(IdentityError, match=sentence):
        check_resident_number(text)


def test_nobody_is_born_tomorrow():
    tomorrow = make_resident_number(UNASSIGNED_DIVISION, date(2026, 3, 2), 1)
    with clock.freeze(date(2026, 3, 1)), pytest.raises(IdentityError, match="2026-03-02"):
        check_resident_number(tomorrow)
    with clock.freeze(date(2026, 3, 2)):
        assert check_resident_number(tomorrow).birth_date == date(2026, 3, 2)


@given(RESIDENTS, st.integers(0, 17), st.integers(0, 9))
def test_one_changed_character_of_an_identity_number_is_always_noticed(number, place, choice):
    assert check_resident_number(number).text == number
    changed = _with_another(number, place, "0123456789" + ("X" if place == 17 else ""), choice)
    with pytest.raises(IdentityError):
        check_resident_number(changed)


@given(RESIDENTS, st.integers(0, 16))
def test_two_swapped_neighbours_of_an_identity_number_are_noticed(number, place):
    swapped = number[:place] + number[place + 1] + number[place] + number[place + 2 :]
    if swapped != number:
        with pytest.raises(IdentityError):
            check_resident_number(swapped)


@given(BIRTHS, st.integers(0, 999))
def test_what_is_made_is_read_back(birth, sequence):
    read = check_resident_number(make_resident_number(UNASSIGNED_DIVISION, birth, sequence))
    assert (read.division, read.birth_date) == (UNASSIGNED_DIVISION, birth)
    assert read.sex is (Sex.MALE if sequence % 2 else Sex.FEMALE)


def test_divisions_are_known_by_their_province():
    assert division_is_known("540102")
    assert division_is_known(UNASSIGNED_DIVISION)
    assert not division_is_known("990102")


def test_a_credit_code_in_its_parts():
    read = check_credit_code(CREDIT_EXAMPLE.lower())
    assert (read.authority, read.category, read.division) == ("9", "1", "350100")
    assert read.organisation == "M000100Y4"


def test_the_organisation_part_carries_its_own_check_character():
    # GB 11714 prints D2143569-X.
    assert check_credit_code(make_credit_code(UNASSIGNED_DIVISION, "D2143569")).organisation == "D2143569X"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("91350100M000100Y4", "18 characters, not 17"),
        ("91350100M000100I43", "Character 16"),
        ("01350100M000100Y43", "registering authority"),
        ("9135010AM000100Y43", "not a division"),
        ("91350100M000100Y44", "does not fit"),
    ],
)
def test_a_wrong_credit_code_is_refused_saying_where(text, sentence):
    with pytest.raises(IdentityError, match=sentence):
        check_credit_code(text)


@given(ORGANISATIONS, st.integers(0, 17), st.integers(0, 29))
def test_one_changed_character_of_a_credit_code_is_always_noticed(code, place, choice):
    assert check_credit_code(code).text == code
    with pytest.raises(IdentityError):
        check_credit_code(_with_another(code, place, "0123456789ABCDEFGHJKLMNPQRTUWXY", choice))


@given(CARDS, st.integers(0, 18), st.integers(0, 8))
def test_one_changed_digit_of_a_card_is_always_noticed(card, place, choice):
    assert check_bank_card(card) == card
    with pytest.raises(IdentityError):
        check_bank_card(_with_another(card, place, "0123456789", choice))


def test_cards_and_accounts():
    assert check_bank_card("4111 1111 1111 1111") == "4111111111111111"
    assert check_account("0158 0001-0400 01234") == "0158000104000" + "1234"
    with pytest.raises(IdentityError, match="only digits"):
        check_bank_card("4111 1111 1111 111A")
    with pytest.raises(IdentityError, match="13 to 19"):
        check_bank_card("4111")
    with pytest.raises(IdentityError, match="6 to 34"):
        check_account("12")


def test_other_documents_are_looked_at_only_in_shape():
    assert check_document("passport", "e 12345678") == "E12345678"
    assert check_document("hong_kong_macao_permit", "H12345678") == "H12345678"
    assert check_document("resident", STANDARD_EXAMPLE) == STANDARD_EXAMPLE
    with pytest.raises(IdentityError, match="form"):
        check_document("passport", "E1")
    with pytest.raises(IdentityError, match="no kind"):
        check_document("library card", "E12345678")


def test_masks_hide_the_middle():
    assert mask_identity("110101199001011234") == "110101********1234"
    assert mask_phone("138 1234 5678") == "138****5678"
    assert mask_account("6222021234567890123") == "***************0123"


@given(st.text("0123456789X", max_size=24))
def test_masks_keep_the_length_and_never_show_most_of_a_short_number(text):
    for mask in (mask_identity, mask_phone, mask_account):
        shown = mask(text)
        assert len(shown) == len(text)
        assert not text or "*" in shown
        if len(text) < 8:
            assert sum(each != "*" for each in shown) <= len(text) / 2


@pytest.mark.parametrize(
    "make",
    [
        lambda: make_resident_number("5499", date(2000, 1, 1), 1),
        lambda: make_resident_number(UNASSIGNED_DIVISION, date(2000, 1, 1), 1000),
        lambda: make_credit_code(UNASSIGNED_DIVISION, "ABC"),
        lambda: make_bank_card("62", 10**18),
    ],
)
def test_nothing_is_made_of_parts_that_do_not_fit(make):
    with pytest.raises(ValueError, match="made of|do not fit"):
        make()
