"""The court's electronic signature on a writ (电子签章): PAdES, with the certificate of the court.

Each court has one PKCS #12 file with key and certificate, named by its code, in ``COURT_CERTIFICATES``; only
the processes that make writs need to read it. A court without one signs nothing: its writs leave as they
were before. The bytes that are signed are kept beside, so that they can be made again and compared.
"""

import io
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from asn1crypto import x509
from django.conf import settings
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import MDPPerm, SigFieldSpec, SigSeedSubFilter
from pyhanko.sign.general import SigningError
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner, SimpleSigner
from pyhanko.sign.validation import SignatureCoverageLevel, validate_pdf_signature
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko_certvalidator import ValidationContext

from directory.models import Court

#: Stands in the names of certificates that the demo makes; no court may sign with one.
DEMO_MARK = "DEMO ONLY"
FIELD = "CourtSeal"


class CertificateError(Exception):
    """A court's certificate can't be used; the sentence says why."""


class _ClockedSigner(PdfSigner):
    """Signs at a moment it is told, which is the clock's, and never reads the machine's own."""

    def __init__(self, *parts: Any, at: datetime, **options: Any):
        super().__init__(*parts, **options)
        self._at = at

    def init_signing_session(self, *parts: Any, **options: Any) -> Any:
        session = super().init_signing_session(*parts, **options)
        session.system_time = self._at
        return session


def certificate_file(court: Court) -> Path | None:
    """Where the certificate of a court is, or would be."""
    folder = settings.COURT_CERTIFICATES
    return Path(folder) / f"{court.code}.p12" if folder else None


def signer_of(court: Court, at: datetime) -> SimpleSigner | None:
    """Who signs for a court at a moment, or nobody where the court has no certificate.

    Raises ``CertificateError`` for one that can't be opened, is not valid then, or is a demo certificate
    outside the demo.
    """
    file = certificate_file(court)
    if file is None or not file.exists():
        return None
    seal = _opened(file, file.stat().st_mtime_ns)
    refuse_demo(seal.certificate, file.name)
    validity = seal.certificate["tbs_certificate"]["validity"]
    first, last = validity["not_before"].native, validity["not_after"].native
    if not first <= at <= last:
        raise CertificateError(
            f"The certificate {file.name} is valid from {first:%Y-%m-%d} to {last:%Y-%m-%d}."
        )
    return seal.signer


@dataclass(frozen=True)
class _Seal:
    signer: SimpleSigner
    certificate: x509.Certificate


@lru_cache(maxsize=256)
def _opened(file: Path, changed: int) -> _Seal:
    passphrase = settings.COURT_CERTIFICATES_PASSWORD.encode() or None
    try:
        signer = SimpleSigner.load_pkcs12_data(file.read_bytes(), other_certs=[], passphrase=passphrase)
    except (OSError, ValueError, SigningError) as error:
        raise CertificateError(f"The certificate {file.name} can't be opened: {error}") from None
    if signer is None or signer.signing_cert is None:
        raise CertificateError(f"The certificate {file.name} can't be opened: wrong password or damaged.")
    return _Seal(signer, signer.signing_cert)


def refuse_demo(certificate: x509.Certificate, name: str) -> None:
    """Raise ``CertificateError`` for a demo certificate where the demo does not run."""
    names = certificate.subject.human_friendly + certificate.issuer.human_friendly
    if DEMO_MARK in names and not settings.DEV:
        raise CertificateError(f"{name} is a demo certificate: nothing real may be signed with it.")


def unusable_certificates() -> Iterator[str]:
    """What is wrong with the certificates this process can read: damaged, or of the demo where none runs."""
    folder = settings.COURT_CERTIFICATES
    for file in sorted(Path(folder).glob("*.p12")) if folder else ():
        if not os.access(file, os.R_OK):
            continue  # a process that makes no writs need not read them
        try:
            refuse_demo(_opened(file, file.stat().st_mtime_ns).certificate, file.name)
        except CertificateError as error:
            yield str(error)


def sign(content: bytes, court: Court, *, at: datetime) -> bytes | None:
    """A PDF with the signature of the court, or nothing where the court has no certificate.

    The signature certifies the document: any later change breaks it. Raises ``CertificateError``.
    """
    signer = signer_of(court, at)
    if signer is None:
        return None
    meta = PdfSignatureMetadata(
        field_name=FIELD,
        md_algorithm="sha256",
        subfilter=SigSeedSubFilter.PADES,
        name=court.name,
        certify=True,
        docmdp_permissions=MDPPerm.NO_CHANGES,
    )
    signing = _ClockedSigner(meta, signer, new_field_spec=SigFieldSpec(FIELD), at=at)
    signed = io.BytesIO()
    signing.sign_pdf(IncrementalPdfFileWriter(io.BytesIO(content)), output=signed)
    return signed.getvalue()


@dataclass(frozen=True)
class SignatureFound:
    """What a court's signature on a PDF says: who signed when, and whether what was signed stands so."""

    signer: str
    at: datetime | None
    intact: bool
    fingerprint: bytes


def signature_of(content: bytes) -> SignatureFound | None:
    """The first signature of a PDF, checked against the file it is in, or nothing if there is none.

    Whether the signer is the court is for the caller to say, by the certificate's ``fingerprint``.
    """
    try:
        reader = PdfFileReader(io.BytesIO(content), strict=False)
        signatures = reader.embedded_regular_signatures
        if not signatures:
            return None
        first = signatures[0]
        certificate = first.signer_cert
        # Its own certificate is the only root: this asks about the bytes, not about who issued it.
        trusted = ValidationContext(trust_roots=[certificate], allow_fetching=False)
        status = validate_pdf_signature(first, trusted)
        intact = bool(
            status.intact and status.valid and status.coverage == SignatureCoverageLevel.ENTIRE_FILE
        )
    except (PdfError, SignatureValidationError, ValueError):
        return None
    return SignatureFound(
        certificate.subject.human_friendly, first.self_reported_timestamp, intact, certificate.sha256
    )
