"""Certificates of calling systems, as our own proxy saw them (mutual TLS, RFC 8705)."""

import hashlib
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote_to_bytes

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from django.conf import settings

LONGEST = 12_000  # characters of a certificate in a header
_FINGERPRINT = re.compile(r"[0-9a-f]{64}")


def presented(headers: Mapping[str, Any]) -> str:
    """SHA-256 of the certificate a caller showed, in hex; empty without one, or where no proxy is believed.

    The proxy sends the fingerprint itself, or the whole certificate as nginx escapes it. ``headers`` are
    those of WSGI or of a request.
    """
    name = settings.TRUSTED_CLIENT_CERT_HEADER
    if not name:
        return ""
    sent = str(headers.get("HTTP_" + name.upper().replace("-", "_")) or "")
    if not sent or len(sent) > LONGEST:
        return ""
    plain = sent.strip().lower().replace(":", "")
    if _FINGERPRINT.fullmatch(plain):
        return plain
    try:
        certificate = x509.load_pem_x509_certificate(unquote_to_bytes(sent))
    except ValueError:
        return ""
    return hashlib.sha256(certificate.public_bytes(Encoding.DER)).hexdigest()
