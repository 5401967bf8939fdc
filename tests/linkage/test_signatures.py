"""Who sent it is told by a signature over id, time and bytes; everything else is turned away in words."""

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from law import clock
from linkage import signatures
from linkage.signatures import BadSignature, verify
from tests.linkage.wire import Signer

pytestmark = pytest.mark.django_db
BODY = '{"number":"回执-1"}'.encode()


@pytest.fixture
def signer():
    return Signer()


@pytest.fixture
def keys(link, signer):
    signer.register(link.bank)
    return signatures.live_keys(link.bank.pk)


def test_a_signature_names_the_key_that_made_it(signer, keys):
    signed = verify(signer.sign(BODY), BODY, keys)
    assert signed.key_id == "2026-01"
    assert signed.headers[signatures.ID] == "msg_1"


def test_what_we_sign_holds_under_the_key_we_publish(settings):
    settings.LINKAGE_SIGNING_KEYS = {"new": b"n" * 32, "old": b"o" * 32}
    headers = signatures.sign("msg_9", clock.now(), BODY)
    made = [base64.b64decode(one.removeprefix("v1a,")) for one in headers["webhook-signature"].split(" ")]
    content = f"msg_9.{headers['webhook-timestamp']}.".encode() + BODY
    assert list(signatures.our_keys()) == ["new", "old"]
    for key, signature in zip(signatures.our_keys().values(), made, strict=True):
        public = base64.b64decode(key.removeprefix("whpk_"))
        Ed25519PublicKey.from_public_bytes(public).verify(signature, content)


def test_two_keys_hold_while_one_replaces_the_other(link, signer, keys):
    newer = Signer()
    newer.register(link.bank, "2026-02")
    both = signatures.live_keys(link.bank.pk)
    assert verify(signer.sign(BODY), BODY, both).key_id == "2026-01"
    assert verify(newer.sign(BODY), BODY, both).key_id == "2026-02"


def test_a_retired_key_no_longer_holds(link, signer):
    key = signer.register(link.bank)
    key.valid_until = clock.now()
    key.save()
    assert signatures.live_keys(link.bank.pk) == []


def test_a_key_of_another_agency_proves_nothing_here(link, keys):
    other = Signer()
    other.register(link.second_bank)
    with pytest.raises(BadSignature, match="No key of this agency"):
        verify(other.sign(BODY), BODY, keys)


def test_a_signature_over_other_bytes_does_not_hold(signer, keys):
    with pytest.raises(BadSignature, match="No key"):
        verify(signer.sign(BODY), BODY + b" ", keys)


@pytest.mark.parametrize(("skew", "said"), [(-360, "-360"), (360, r"\+360")])
def test_a_clock_that_is_off_is_told_by_how_much(signer, keys, skew, said):
    with clock.freeze(), pytest.raises(BadSignature, match=f"{said} seconds off") as refused:
        verify(signer.sign(BODY, skew=skew), BODY, keys)
    assert refused.value.code == "clock-skew"


@pytest.mark.parametrize("skew", [-299, 0, 299])
def test_within_five_minutes_either_way_it_holds(signer, keys, skew):
    with clock.freeze():
        assert verify(signer.sign(BODY, skew=skew), BODY, keys)


@pytest.mark.parametrize("timestamp", ["nan", "", "1" * 30, "-5", "1e9", "١٢٣", "12.5"])
def test_a_time_that_is_none_is_turned_away(signer, keys, timestamp):
    with pytest.raises(BadSignature):
        verify(signer.sign(BODY) | {signatures.TIMESTAMP: timestamp}, BODY, keys)


MALFORMED = [
    "",
    "v1",
    "v1,",
    "v1,!!",
    "v1a",
    "v1a,",
    "v1a,!!",
    "v1a," + "A" * 20,
    "v1a," + base64.b64encode(b"x" * 63).decode(),
    "v1a," + base64.b64encode(b"x" * 64).decode(),
    "v1," + base64.b64encode(b"x" * 64).decode(),
    "x" * 1_000_000,
    " ".join(["v1a,AAAA"] * 1000),
    " ".join(["v1a,AAAA"] * 6),
    "v1a,\udcff",
]


@pytest.mark.parametrize("header", MALFORMED, ids=range(len(MALFORMED)))
def test_a_malformed_signature_is_turned_away_in_words(signer, keys, header):
    with pytest.raises(BadSignature) as refused:
        verify(signer.sign(BODY) | {signatures.SIGNATURE: header}, BODY, keys)
    assert len(refused.value.reason) < 300


@pytest.mark.parametrize("name", ["", "a.b", "a b", "x" * 81, "é"])
def test_an_id_that_could_be_read_in_two_ways_is_turned_away(signer, keys, name):
    with pytest.raises(BadSignature):
        verify(signer.sign(BODY) | {signatures.ID: name}, BODY, keys)


def test_a_signature_with_a_shared_key_is_not_enough(signer, keys):
    with pytest.raises(BadSignature, match="Ed25519"):
        verify(signer.sign(BODY) | {signatures.SIGNATURE: "v1," + "A" * 44}, BODY, keys)
