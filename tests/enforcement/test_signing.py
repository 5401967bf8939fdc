"""Signatures: the court's on what leaves it, the clock's time in it, and what is signed can be made again."""

import hashlib
import io
from datetime import timedelta
from pathlib import Path

import pytest
from asn1crypto import pem, x509
from django.core.files.storage import default_storage
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

from enforcement import outbox, writs
from enforcement.demo import certificates
from enforcement.engine.history import digest
from enforcement.models import Asset, Document, DocumentState, Event, Message, StoredFile
from enforcement.writs import copies, signing
from law import clock
from tests.enforcement.test_writs import AGENCY, ASSET, MEASURE

ACCOUNT = "6217000000000006789"

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def store_of_its_own(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "files"


@pytest.fixture
def seals(settings, tmp_path, world) -> Path:
    """The court of the world has a certificate of the demo."""
    folder = tmp_path / "certificates"
    settings.COURT_CERTIFICATES = str(folder)
    certificates.make(folder, [(world.court.code, world.court.name)])
    return folder


def sent(case, code: str = "notice.assist-freeze", **extra) -> Document:
    """A writ of the case that waits for the worker."""
    from django.db import connection

    event = Event.objects.filter(case=case).latest("id")
    document = writs.draft(
        case,
        code,
        event_id=event.pk,
        day=clock.today(),
        party=case.parties.get(role="debtor"),
        extra=AGENCY | {"asset": ASSET, "measure": MEASURE} | extra,
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('zhixing.act', %s, true)", [str(case.pk)])
        document.save(force_insert=True)
        cursor.execute("SELECT set_config('zhixing.act', '', true)")
    now = clock.now()
    Message.objects.create(
        event=event, case=case, kind="render", recipient=str(document.uid), body={},
        created_at=now, due_at=now,
    )  # fmt: skip
    return document


def made(case, code: str = "notice.assist-freeze", **extra) -> Document:
    """A writ of the case as the worker leaves it."""
    document = sent(case, code, **extra)
    assert outbox.deliver_due(kinds=["render"]) >= 1
    document.refresh_from_db()
    return document


def content(file: StoredFile | None) -> bytes:
    assert file is not None
    with default_storage.open(file.path, "rb") as stored:
        return stored.read()


def verdict(pdf: bytes, folder: Path):
    """What pyHanko says of the signature, with the demo's authority as the only root."""
    _kind, _headers, root = pem.unarmor((folder / f"{certificates.AUTHORITY}.pem").read_bytes())
    context = ValidationContext(
        trust_roots=[x509.Certificate.load(root)], allow_fetching=False, moment=clock.now()
    )
    (signature,) = PdfFileReader(io.BytesIO(pdf)).embedded_regular_signatures
    return validate_pdf_signature(signature, context)


def test_a_writ_bears_the_signature_of_its_court_at_the_clocks_time(filed, seals):
    with clock.freeze(clock.now() + timedelta(days=2)):
        document = made(filed)
        status = verdict(content(document.signed_file), seals)
        assert status.bottom_line
        assert status.signer_reported_dt == clock.now().replace(microsecond=0)
    assert filed.court.name in status.signing_cert.subject.human_friendly
    (signature,) = PdfFileReader(io.BytesIO(content(document.signed_file))).embedded_regular_signatures
    assert signature.sig_object["/SubFilter"] == "/ETSI.CAdES.detached", "this is PAdES"


@pytest.mark.parametrize("place", [200, -900])
def test_one_changed_byte_breaks_the_signature(filed, seals, place):
    signed = bytearray(content(made(filed).signed_file))
    signed[place] ^= 1
    found = signing.signature_of(bytes(signed))
    assert found is None or not found.intact


def test_words_added_after_the_signature_are_noticed(filed, seals):
    signed = content(made(filed).signed_file)
    before, after = signing.signature_of(signed), signing.signature_of(signed + b"\n% more")
    assert before is not None
    assert after is not None
    assert before.intact
    assert not after.intact


def test_what_is_signed_can_be_made_again_byte_for_byte(filed, seals):
    document = made(filed)
    assert content(document.file) == writs.render_pdf(Document.objects.get(pk=document.pk))
    assert content(document.signed_file).startswith(content(document.file))
    assert document.given_file == document.signed_file


def test_a_court_without_a_certificate_signs_nothing(filed, settings):
    settings.COURT_CERTIFICATES = ""
    document = made(filed)
    assert document.state == DocumentState.READY
    assert document.signed_file is None
    assert document.given_file == document.file


def test_a_certificate_that_ran_out_stops_the_writ_and_says_so(filed, seals):
    with clock.freeze(clock.now() + timedelta(days=11 * 366)):
        document = made(filed)
        assert document.state == DocumentState.WAITING, "it is tried again when the court has a new one"
        assert "valid from" in Message.objects.get(recipient=str(document.uid)).tries.get().error


def test_a_demo_certificate_signs_nothing_outside_the_demo(filed, seals, settings):
    settings.DEV = False
    with pytest.raises(signing.CertificateError, match="demo certificate"):
        signing.sign(b"", filed.court, at=clock.now())
    assert [filed.court.code in problem for problem in signing.unusable_certificates()] == [True]


def test_keys_of_the_demo_are_their_owners_alone_and_stay(seals, world):
    file = seals / f"{world.court.code}.p12"
    assert file.stat().st_mode & 0o077 == 0
    before = file.read_bytes()
    assert certificates.make(seals, [(world.court.code, world.court.name)]) == 0
    assert file.read_bytes() == before


@pytest.fixture
def account(world, filed):
    """A bank account of the debtor, known in full."""
    asset = Asset(
        case=filed,
        owner=filed.parties.get(role="debtor"),
        kind="deposit",
        description="活期存款账户",
        holder="高原某银行拉萨支行",
        account_mask="***************6789",
        found_on=clock.today(),
    )
    asset.account_number = ACCOUNT
    return asset


def test_only_the_agencys_copy_names_the_account_and_the_person_in_full(filed, seals, account):
    identity = filed.parties.get(role="debtor").identity_number
    document = made(filed, asset=account)
    page = writs.render_html(document)
    assert ACCOUNT not in page
    assert identity not in page
    assert "存卷联" in page
    for_agency = writs.render_html(document, for_agency=True)
    assert ACCOUNT in for_agency
    assert identity in for_agency
    assert "协助单位联" in for_agency
    copy = copies.agency_copy(document)
    assert hashlib.sha256(copy).hexdigest() == document.agency_sha256
    assert verdict(copy, seals).bottom_line
    assert copy.startswith(writs.render_pdf(document, for_agency=True))


def test_full_values_are_nowhere_at_rest(filed, seals, account):
    document = made(filed, asset=account)
    assert ACCOUNT not in str(document.data)
    assert document.full_sealed is not None
    assert ACCOUNT.encode() not in bytes(document.full_sealed)
    kept = content(document.agency_file)
    assert not kept.startswith(b"%PDF")
    assert hashlib.sha256(kept).hexdigest() != document.agency_sha256


def test_a_writ_that_goes_to_no_agency_has_no_such_copy(filed, account):
    document = made(filed, "ruling.freeze", asset=account)
    assert not copies.has_agency_copy(document)
    with pytest.raises(copies.NotMadeYet):
        copies.agency_copy(document)


def test_the_chain_still_covers_what_a_writ_says(filed, account):
    document = made(filed, asset=account)
    assert digest(Document.objects.get(pk=document.pk).data) == digest(document.data)
