"""Systems of an agency and the keys it signs with (接口与密钥), kept by its own administrator."""

from __future__ import annotations

import base64
import binascii
import re
import secrets
from datetime import timedelta
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from oauth2_provider.models import AccessToken, Application
from rest_framework import serializers

from directory.models import ClientSystem, Duty, DutyHolding, Person
from directory.models.people import PersonKind
from enforcement.engine import ActInput, LiveChoiceField, Refused
from law import clock, linkage
from law.citations import DATA_SECURITY, DECISION_2011, NETWORK_FREEZE
from linkage.acts.agency_staff import AgencySideAct, own_agencies, reached_by
from linkage.models import VerifyingKey

SCOPES = [
    ("linkage:read", _("Read requests addressed to the agency")),
    ("linkage:answer", _("Accept and answer them, ask about them")),
]
#: Before a pattern of matters in the list of a client's scopes: "matter:BANK-*".
MATTER_SCOPE = "matter:"
PATTERN = re.compile(r"[A-Z]+(-[A-Z]+)*(-\*)?|\*")
LIVE_KEYS = 2  # two live side by side while one is changed
KEY_BYTES = 32
LONGEST_OVERLAP = 30  # days; set by the product
#: Points of small order: a "signature" under them holds for any message (encodings of RFC 8032 curves).
WEAK_KEYS = frozenset(
    bytes.fromhex(text)
    for text in (
        "0100000000000000000000000000000000000000000000000000000000000000",
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0000000000000000000000000000000000000000000000000000000000000080",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
    )
)


def own_clients(context: dict[str, Any]) -> dict[str, str]:
    """Live client systems of the agencies a person administers, by client id."""
    actor, court = context.get("actor"), context.get("court")
    if actor is None or court is None:
        return {}
    systems = ClientSystem.objects.filter(
        person__agency__in=reached_by(actor, court), is_active=True
    ).select_related("application", "person__agency")
    return {
        system.application.client_id: f"{system.person.name} · {system.person.agency}" for system in systems
    }


def own_keys(context: dict[str, Any]) -> dict[str, str]:
    """Live keys of the agencies a person administers, by their number."""
    actor, court = context.get("actor"), context.get("court")
    if actor is None or court is None:
        return {}
    keys = live_keys().filter(agency__in=reached_by(actor, court)).select_related("agency")
    return {str(key.pk): f"{key.key_id} · {key.agency}" for key in keys}


def live_keys() -> Any:
    """Keys that hold now or will."""
    return VerifyingKey.objects.filter(Q(valid_until=None) | Q(valid_until__gt=clock.now()))


class AddClientInput(ActInput):
    agency = LiveChoiceField(label=_("Agency"), choices_of=own_agencies)
    name = serializers.CharField(label=_("Name of the system"), max_length=80)
    scopes = serializers.MultipleChoiceField(label=_("What it may do"), choices=SCOPES, allow_empty=False)
    matters = serializers.CharField(
        label=_("For which matters"),
        max_length=400,
        required=False,
        allow_blank=True,
        default="*",
        help_text=_("Codes or beginnings, with spaces between: BANK-INQ-* BANK-FRZ-DEP. A star: all."),
    )

    def validate_matters(self, value: str) -> list[str]:
        patterns = sorted(set(value.upper().replace(",", " ").split())) or ["*"]
        for pattern in patterns:
            known = pattern in linkage.matters() or (
                pattern.endswith("*")
                and PATTERN.fullmatch(pattern)
                and any(code.startswith(pattern[:-1]) for code in linkage.matters())
            )
            if not known:
                raise serializers.ValidationError(
                    gettext("No matter is called “%(pattern)s”.") % {"pattern": pattern}
                )
        return patterns


class AddClient(AgencySideAct):
    """Let a system of the agency in (登记接口客户端): its secret is shown once, kept only as a hash."""

    code = "agency.add-client"
    title = _("Add a system of the agency")
    summary = _("The system %(name)s (%(client_id)s) of %(agency_name)s may call the interface: %(scopes)s")
    basis = (DECISION_2011.art("四"), DATA_SECURITY.whole())
    Input = AddClientInput

    def initial(self, case: None) -> dict[str, Any]:
        return {"agency": self.actor.agency.code} if self.actor.agency else {}

    def check(self, case: None, data: dict[str, Any]) -> None:
        self.own_agency(data["agency"])

    def perform(self, case: None, data: dict[str, Any]) -> dict[str, Any]:
        agency = self.own_agency(data["agency"])
        client_id, secret = f"agency-{secrets.token_hex(8)}", secrets.token_urlsafe(36)
        person = Person.objects.create(
            username=client_id, name=data["name"], agency=agency, kind=PersonKind.CLIENT
        )
        DutyHolding.objects.create(
            person=person, duty=Duty.AGENCY_OPERATOR, agency=agency, during=DateRange(self.day, None)
        )
        application = Application.objects.create(
            name=data["name"],
            client_id=client_id,
            client_secret=secret,
            client_type=Application.CLIENT_CONFIDENTIAL,
            authorization_grant_type=Application.GRANT_CLIENT_CREDENTIALS,
        )
        scopes = [*sorted(data["scopes"]), *(MATTER_SCOPE + pattern for pattern in data["matters"])]
        ClientSystem.objects.create(application=application, person=person, scopes=scopes)
        self.run.revealed = f"client_id={client_id} client_secret={secret}"
        return {
            "agency": agency.code,
            "agency_name": agency.name,
            "name": data["name"],
            "client_id": client_id,
            "scopes": scopes,
        }


class DisableClientInput(ActInput):
    client = LiveChoiceField(label=_("System"), choices_of=own_clients)
    reason = serializers.CharField(label=_("Reason"), max_length=200)


class DisableClient(AgencySideAct):
    """Shut a system of the agency out at once (停用接口客户端): its tokens are void with the commit."""

    code = "agency.disable-client"
    title = _("Disable a system of the agency")
    summary = _("The system %(name)s (%(client_id)s) of %(agency_name)s was shut out: %(reason)s")
    tone = "bad"
    by = frozenset({Duty.AGENCY_ADMINISTRATOR, Duty.COMMAND})
    basis = (DECISION_2011.art("四"), DATA_SECURITY.whole())
    Input = DisableClientInput

    def _system(self, client_id: str) -> ClientSystem:
        system = (
            ClientSystem.objects.select_for_update(of=("self",))
            .select_related("application", "person__agency")
            .filter(
                application__client_id=client_id,
                person__agency__in=reached_by(self.actor, self.court),
                is_active=True,
            )
            .first()
        )
        if system is None:
            raise Refused(
                gettext("Your agency has no such live system."),
                DATA_SECURITY.whole(),
                field="client",
                code="not-found",
            )
        return system

    def check(self, case: None, data: dict[str, Any]) -> None:
        self._system(data["client"])

    def perform(self, case: None, data: dict[str, Any]) -> dict[str, Any]:
        system = self._system(data["client"])
        assert system.person.agency is not None
        system.is_active = False
        system.save(update_fields=["is_active"])
        AccessToken.objects.filter(application=system.application).delete()
        system.person.is_active = False
        system.person.save(update_fields=["is_active"])
        return {
            "agency": system.person.agency.code,
            "agency_name": system.person.agency.name,
            "name": system.person.name,
            "client_id": system.application.client_id,
            "reason": data["reason"],
        }


class AddKeyInput(ActInput):
    agency = LiveChoiceField(label=_("Agency"), choices_of=own_agencies)
    key_id = serializers.SlugField(
        label=_("Name of the key"), max_length=40, help_text=_("Sent with every answer, such as 2026-01.")
    )
    public_key = serializers.CharField(
        label=_("Public key (Ed25519)"),
        max_length=400,
        style={"base_template": "textarea.html", "rows": 4},
        help_text=_("32 bytes in base64, whpk_… or PEM. Never send the private key to anybody."),
    )

    def validate_public_key(self, value: str) -> str:
        return base64.b64encode(read_public_key(value)).decode()


def read_public_key(text: str) -> bytes:
    """The 32 bytes of an Ed25519 public key. Raises ``serializers.ValidationError``."""
    text = text.strip()
    if "PRIVATE" in text or text.startswith("whsk_"):
        raise serializers.ValidationError(
            gettext("This is a private key. It is no secret any more: make a new pair, send the public one.")
        )
    try:
        if text.startswith("-----BEGIN"):
            key = load_pem_public_key(text.encode())
            raw = key.public_bytes_raw() if isinstance(key, Ed25519PublicKey) else b""
        else:
            raw = base64.b64decode(text.removeprefix("whpk_"), validate=True)
    except (ValueError, binascii.Error, UnsupportedAlgorithm):
        raw = b""
    if len(raw) != KEY_BYTES or raw in WEAK_KEYS:
        raise serializers.ValidationError(gettext("This is no Ed25519 public key."))
    return raw


class AddKey(AgencySideAct):
    """Enter the public key the agency signs its answers with (登记验签公钥)."""

    code = "agency.add-key"
    title = _("Add a verifying key")
    summary = _("%(agency_name)s signs with the key %(key_id)s (%(fingerprint)s)")
    basis = (NETWORK_FREEZE.art(4), DATA_SECURITY.whole())
    Input = AddKeyInput

    def initial(self, case: None) -> dict[str, Any]:
        return {"agency": self.actor.agency.code} if self.actor.agency else {}

    def check(self, case: None, data: dict[str, Any]) -> None:
        agency = self.own_agency(data["agency"])
        raw = base64.b64decode(data["public_key"])
        if agency.keys.filter(key_id=data["key_id"]).exists():
            raise Refused(
                gettext("A key of this name was used before. Give the new one another name."),
                NETWORK_FREEZE.art(4),
                field="key_id",
                code="taken",
            )
        if VerifyingKey.objects.filter(public_key=raw).exists():
            raise Refused(
                gettext("This key is known already. Every agency has keys of its own, each used once."),
                NETWORK_FREEZE.art(4),
                field="public_key",
                code="known",
            )
        if live_keys().filter(agency=agency).count() >= LIVE_KEYS:
            raise Refused(
                gettext("Two keys live already. Retire one first."),
                NETWORK_FREEZE.art(4),
                field="key_id",
                code="too-many",
            )

    def perform(self, case: None, data: dict[str, Any]) -> dict[str, Any]:
        agency = self.own_agency(data["agency"])
        raw = base64.b64decode(data["public_key"])
        VerifyingKey.objects.create(agency=agency, key_id=data["key_id"], public_key=raw, valid_from=self.at)
        return {
            "agency": agency.code,
            "agency_name": agency.name,
            "key_id": data["key_id"],
            "fingerprint": fingerprint(raw),
        }


def fingerprint(raw: bytes | memoryview) -> str:
    """What two people compare on the telephone: the first 16 characters of the key's base64."""
    return base64.b64encode(bytes(raw)).decode()[:16] + "…"


class RetireKeyInput(ActInput):
    key = LiveChoiceField(label=_("Key"), choices_of=own_keys)
    days = serializers.IntegerField(
        label=_("Still valid for days"),
        min_value=0,
        max_value=LONGEST_OVERLAP,
        required=False,
        default=0,
        help_text=_("0: it ends at once, as when it was stolen."),
    )


class RetireKey(AgencySideAct):
    """End a key (停用公钥): answers signed with it after that are refused."""

    code = "agency.retire-key"
    title = _("Retire a verifying key")
    summary = _("The key %(key_id)s of %(agency_name)s is valid until %(until)s")
    tone = "bad"
    by = frozenset({Duty.AGENCY_ADMINISTRATOR, Duty.COMMAND})
    basis = (NETWORK_FREEZE.art(4), DATA_SECURITY.whole())
    Input = RetireKeyInput

    def _key(self, number: str) -> VerifyingKey:
        key: VerifyingKey | None = (
            live_keys()
            .select_for_update(of=("self",))
            .select_related("agency")
            .filter(
                pk=int(number) if number.isdecimal() and len(number) < 18 else 0,
                agency__in=reached_by(self.actor, self.court),
            )
            .first()
        )
        if key is None:
            raise Refused(
                gettext("Your agency has no such live key."),
                NETWORK_FREEZE.art(4),
                field="key",
                code="not-found",
            )
        return key

    def check(self, case: None, data: dict[str, Any]) -> None:
        self._key(data["key"])

    def perform(self, case: None, data: dict[str, Any]) -> dict[str, Any]:
        key = self._key(data["key"])
        key.valid_until = max(self.at + timedelta(days=data["days"]), key.valid_from)
        key.save(update_fields=["valid_until"])
        return {
            "agency": key.agency.code,
            "agency_name": key.agency.name,
            "key_id": key.key_id,
            "until": key.valid_until,
        }
