"""The public check of a paper: a teller learns in two seconds whether it is the court's and stands, and
nothing about the people in it."""

import uuid
from datetime import date, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from enforcement.models import Document, StoredFile
from enforcement.web import genuineness
from enforcement.writs import copies, standing
from enforcement.writs.standing import Standing, State
from law import clock
from tests.enforcement.test_signing import ACCOUNT, account, content, made, seals, store_of_its_own
from tests.enforcement.test_writs import AGENCY, ASSET, EXTRAS, MEASURE

__all__ = ["account", "seals", "store_of_its_own"]

pytestmark = pytest.mark.django_db


def visitor() -> Client:
    """Somebody at an address that asked nothing yet."""
    return Client(REMOTE_ADDR=f"2001:db8::{uuid.uuid4().hex[:4]}:{uuid.uuid4().hex[:4]}")


def page(document: Document) -> str:
    answer = visitor().get(f"/verify/{document.uid}/")
    assert answer.status_code == 200
    return answer.content.decode()


def compared(document: Document, pdf: bytes) -> str:
    file = SimpleUploadedFile("paper.pdf", pdf, content_type="application/pdf")
    answer = visitor().post(f"/verify/{document.uid}/", {"file": file})
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_page_says_whose_what_and_how_much_and_names_nobody(filed, seals, account):
    document = made(filed, asset=account)
    text = page(document)
    assert "Genuine and in force" in text
    for shown in (filed.court.name, document.number, "120,000.00", "6789", document.agency_sha256):
        assert shown in text
    assert document.signed_file is not None
    assert document.signed_file.sha256 in text
    assert ACCOUNT not in text
    for party in filed.parties.all():
        assert party.name not in text
        assert party.identity_mask not in text
        assert party.identity_number not in text


def test_the_code_printed_on_the_paper_leads_to_its_page(filed):
    document = made(filed)
    answer = visitor().get(f"/verify/{document.uid}", follow=True)
    assert answer.status_code == 200
    assert "bear no electronic signature" in answer.content.decode()


@pytest.mark.parametrize("code", ["5e0d5a10-3a36-4b7e-9d1c-2f6f0c9a7e11", "1234", "../admin"])
def test_a_forged_code_says_what_to_do(db, code):
    answer = visitor().get(f"/verify/{code}/")
    assert answer.status_code == 404
    if "/" not in code:
        assert "Do not act on this paper" in answer.content.decode()


def test_the_courts_file_is_told_from_a_forgery(filed, seals, account):
    document = made(filed, asset=account)
    signed = content(document.signed_file)
    agency = copies.agency_copy(document)
    altered = bytearray(signed)
    altered[300] ^= 1
    assert "the court's, byte for byte" in compared(document, signed)
    assert "the court's, byte for byte" in compared(document, agency)
    assert "bears no electronic signature" in compared(document, content(document.file))
    assert "Your file was altered" in compared(document, bytes(altered))
    assert "changed after the court signed it" in compared(document, signed + b"\n%more")
    assert "changed after the court signed it" in compared(document, agency + b"\n%more")
    assert "not the court's" in compared(document, b"%PDF-1.7 mine")
    assert "another document of a court" in compared(document, content(made(filed).signed_file))


def test_what_is_compared_is_not_kept(filed, seals):
    document = made(filed)
    before = StoredFile.objects.count()
    compared(document, b"%PDF-1.7 mine")
    assert StoredFile.objects.count() == before


def test_a_file_without_a_code_finds_its_writ(filed, seals):
    document = made(filed)
    file = SimpleUploadedFile("x.pdf", content(document.signed_file))
    assert document.number in visitor().post("/verify/", {"file": file}).content.decode()
    answer = visitor().post("/verify/", {"file": SimpleUploadedFile("x.pdf", b"%PDF-1.7 mine")})
    assert "not the court's" in answer.content.decode()


def test_a_file_that_is_missing_or_too_large_is_refused_with_a_sentence(filed, settings):
    document = made(filed)
    assert "Choose the file first" in visitor().post(f"/verify/{document.uid}/").content.decode()
    settings.UPLOAD_MAX_BYTES = 10
    answer = visitor().post(f"/verify/{document.uid}/", {"file": SimpleUploadedFile("x.pdf", b"%PDF-1.7 m")})
    assert answer.status_code == 200
    answer = visitor().post(f"/verify/{document.uid}/", {"file": SimpleUploadedFile("x.pdf", b"%PDF-1.7 mi")})
    assert answer.status_code == 400


def test_addresses_that_ask_faster_than_people_wait(filed, monkeypatch):
    document = made(filed)
    monkeypatch.setattr(genuineness, "FILES_PER_MINUTE", 2)
    with clock.freeze():
        one = visitor()
        answers = [one.post(f"/verify/{document.uid}/") for _ in range(6)]
    assert answers[-1].status_code == 429
    assert int(answers[-1]["Retry-After"]) >= 1


def test_a_term_that_ended_is_told(filed):
    document = made(filed, measure=MEASURE | {"until": date(2027, 11, 22)})
    with clock.freeze(date(2027, 11, 22)):
        assert standing.standing_of(document).is_in_force
    with clock.freeze(date(2027, 11, 23)):
        assert standing.standing_of(document) == Standing(State.EXPIRED, date(2027, 11, 22))
        assert "its term has ended" in page(document)


def test_a_release_outlives_the_term_of_what_it_released(filed):
    document = made(filed, "notice.assist-release", measure=MEASURE | {"until": date(2026, 11, 24)})
    with clock.freeze(clock.now() + timedelta(days=700)):
        assert standing.standing_of(document).is_in_force


def test_two_notices_to_two_banks_do_not_replace_each_other(filed):
    first, second = made(filed), made(filed)
    assert (first.version, second.version) == (1, 2)
    assert standing.standing_of(first).is_in_force


def test_a_corrected_notice_replaces_the_one_before_it(filed):
    first = made(filed, "notice.execution")
    made(filed, "notice.execution")
    assert standing.standing_of(first).state is State.SUPERSEDED
    assert "Genuine, but superseded" in page(first)


def test_what_another_room_says_against_a_writ_is_believed(filed, monkeypatch):
    document = made(filed)
    lifted = Standing(State.LIFTED, date(2026, 11, 20))
    monkeypatch.setattr(standing, "_witnesses", [*standing._witnesses, lambda writ: lifted])
    assert "Genuine, but lifted" in page(document)


def test_the_certificate_of_a_lift_says_that_and_when_and_no_more(filed, seals):
    document = made(filed, "certificate.lift", **EXTRAS["certificate.lift"])
    text = page(document)
    assert "This certificate is valid" in text
    assert "23" in text
    for hidden in (
        filed.number,
        "高原某银行",
        "已经履行完毕",
        ASSET["account_mask"],
        AGENCY["agency"]["name"],
    ):
        assert hidden not in text
