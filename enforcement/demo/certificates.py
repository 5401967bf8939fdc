"""Certificates of the demo: an authority of its own, and a certificate for each court.

They look like what they are: every name in them says that they are for the demo only, and outside of it
signing refuses them (``enforcement.writs.signing``).
"""

import csv
import os
from collections.abc import Iterable
from datetime import datetime, timedelta
from importlib.resources import files
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, pkcs12
from cryptography.x509.oid import NameOID

from enforcement.writs.signing import DEMO_MARK
from law import clock

AUTHORITY = "demo-authority"
# The demo plays years of history, and nobody renews its certificates.
BACK, AHEAD = timedelta(days=3660), timedelta(days=3660)


def courts() -> list[tuple[str, str]]:
    """Code and name of every court the demo knows."""
    with (files("law") / "data" / "courts.csv").open(encoding="utf-8") as table:
        return [(row["code"], row["name_zh"]) for row in csv.DictReader(table)]


def make(folder: Path, courts: Iterable[tuple[str, str]]) -> int:
    """Make what is missing of an authority and of certificates for courts (code, name); how many were made.

    Keys are readable by their owner alone. Files that are there stay.
    """
    folder.mkdir(parents=True, exist_ok=True)
    missing = [(code, name) for code, name in courts if not (folder / f"{code}.p12").exists()]
    if not missing:
        return 0
    now = clock.now()
    authority_key, authority = _authority(folder, now)
    for code, name in missing:
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = (
            _builder(_name(name), authority.subject, key.public_key(), now)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage(signs_certificates=False), critical=True)
            .sign(authority_key, hashes.SHA256())
        )
        _write(folder / f"{code}.p12", code, key, certificate, [authority])
    return len(missing)


def _authority(folder: Path, now: datetime) -> tuple[ec.EllipticCurvePrivateKey, x509.Certificate]:
    file = folder / f"{AUTHORITY}.key"
    if file.exists():
        key, certificate, _others = pkcs12.load_key_and_certificates(file.read_bytes(), None)
        assert isinstance(key, ec.EllipticCurvePrivateKey)
        assert certificate is not None
        return key, certificate
    key = ec.generate_private_key(ec.SECP256R1())
    name = _name("Zhixing demo authority")
    certificate = (
        _builder(name, name, key.public_key(), now)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .sign(key, hashes.SHA256())
    )
    _write(file, AUTHORITY, key, certificate, [])
    (folder / f"{AUTHORITY}.pem").write_bytes(certificate.public_bytes(Encoding.PEM))
    return key, certificate


def _name(text: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "CN"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, text[:64]),
            x509.NameAttribute(NameOID.COMMON_NAME, f"{DEMO_MARK} {text}"[:64]),
        ]
    )


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, now: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - BACK)
        .not_valid_after(now + AHEAD)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=not signs_certificates,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _write(
    file: Path,
    name: str,
    key: ec.EllipticCurvePrivateKey,
    certificate: x509.Certificate,
    chain: list[x509.Certificate],
) -> None:
    content = pkcs12.serialize_key_and_certificates(name.encode(), key, certificate, chain, NoEncryption())
    # Whole or not at all: a worker may look for it at this moment.
    unfinished = file.with_suffix(".unfinished")
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as out:
        out.write(content)
    unfinished.replace(file)
