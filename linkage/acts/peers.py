"""Courts of other installations that this one exchanges letters with (异地法院)."""

import base64
import binascii
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.conf import settings
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from directory.models import Court, CourtLevel, Duty
from enforcement.engine import Act, ActInput, LiveChoiceField, Refused, Subject
from law.citations import DELEGATION
from linkage.endpoints import BadEndpoint, check_networks, check_url
from linkage.models import PeerCourt
from linkage.signatures import PUBLIC_PREFIX

KEY_BYTES = 32


def read_key(text: str) -> bytes:
    """A public key as Standard Webhooks writes it. Raises ``serializers.ValidationError``."""
    wrong = _("Write the public key as “whpk_” with the base64 of 32 bytes (Ed25519).")
    if not text.startswith(PUBLIC_PREFIX):
        raise serializers.ValidationError(wrong)
    try:
        raw = base64.b64decode(text.removeprefix(PUBLIC_PREFIX), validate=True)
        Ed25519PublicKey.from_public_bytes(raw)
    except (binascii.Error, ValueError) as error:
        raise serializers.ValidationError(wrong) from error
    return raw


class KeyInput(ActInput):
    public_key = serializers.CharField(
        label=_("Public key"), max_length=60, help_text=_("As that court gave it to you, by another way.")
    )

    def validate_public_key(self, value: str) -> str:
        read_key(value)
        return value


class PeerInput(KeyInput):
    """A court of another installation: where its letters go and how its own are told apart."""

    code = serializers.RegexField(r"^[\w-]{1,16}$", label=_("Code of the court"), max_length=16)
    name = serializers.CharField(label=_("Name"), max_length=120)
    level = serializers.ChoiceField(label=_("Level"), choices=CourtLevel.choices)
    url = serializers.URLField(
        label=_("Address of its installation"),
        max_length=300,
        help_text=_("Without a path, such as https://enforcement.court.example"),
    )
    networks = serializers.ListField(
        label=_("Networks"),
        child=serializers.CharField(max_length=49),
        min_length=1,
        max_length=8,
        help_text=_("Letters are sent into these networks only, such as 10.20.0.0/16."),
    )

    def validate(self, attrs: Any) -> Any:
        attrs = super().validate(attrs)
        try:
            attrs["networks"] = check_networks(attrs["networks"], at_home=settings.DEV)
        except BadEndpoint as error:
            raise serializers.ValidationError({"networks": [str(error)]}) from error
        try:
            check_url(attrs["url"], attrs["networks"], at_home=settings.DEV)
        except BadEndpoint as error:
            raise serializers.ValidationError({"url": [str(error)]}) from error
        return attrs


class PeerAct(Act):
    """The command centre of a court keeps the courts it exchanges letters with."""

    group = "linkage"
    subject = Subject.COURT
    basis = (DELEGATION.art(4),)
    by = frozenset({Duty.COMMAND})
    needs_assignment = False
    offered_as_step = False


class AddPeer(PeerAct):
    """Trust a court of another installation (登记异地法院)."""

    code = "peer.add"
    title = _("Add a court of another installation")
    summary = _("%(name)s (%(code)s) may be written to at %(url)s")
    Input = PeerInput

    def check(self, case: None, data: dict[str, Any]) -> None:
        if PeerCourt.objects.filter(code=data["code"]).exists():
            raise Refused(
                gettext("This court is entered already."), DELEGATION.art(4), field="code", code="known"
            )
        if Court.objects.filter(code=data["code"], register__isnull=False).exists():
            raise Refused(
                gettext("This court works in the same installation; its cases are not sent by letter."),
                DELEGATION.art(14),
                field="code",
                code="here",
            )

    def perform(self, case: None, data: dict[str, Any]) -> dict[str, Any]:
        PeerCourt.objects.create(
            code=data["code"],
            name=data["name"],
            level=data["level"],
            liaison=self.court,
            url=data["url"].rstrip("/"),
            networks=data["networks"],
            public_key=read_key(data["public_key"]),
            added_at=self.at,
        )
        return {"code": data["code"], "name": data["name"], "url": data["url"], "key": data["public_key"]}


def peers_of(context: dict[str, Any]) -> dict[str, str]:
    """Peers letters are exchanged with now."""
    return {peer.code: f"{peer.name} ({peer.code})" for peer in PeerCourt.objects.filter(is_active=True)}


def the_peer(code: str) -> PeerCourt:
    """An active peer. Raises ``Refused``."""
    peer = PeerCourt.objects.filter(code=code, is_active=True).first()
    if peer is None:
        raise Refused(
            gettext("No letters are exchanged with this court. Let the command centre enter it first."),
            DELEGATION.art(4),
            field="peer",
            code="no-peer",
        )
    return peer


class ChangeKeyInput(KeyInput):
    peer = LiveChoiceField(label=_("Court"), choices_of=peers_of)


class ChangePeerKey(PeerAct):
    """Take a new key of a peer beside the one it has; a third one ends the first (更换验签公钥)."""

    code = "peer.change-key"
    title = _("Take a new key of another court")
    summary = _("%(name)s signs with a new key")
    Input = ChangeKeyInput

    def check(self, case: None, data: dict[str, Any]) -> None:
        self.peer = the_peer(data["peer"])

    def perform(self, case: None, data: dict[str, Any]) -> dict[str, Any]:
        peer = self.peer
        if peer.next_public_key:
            peer.public_key = peer.next_public_key
        peer.next_public_key = read_key(data["public_key"])
        peer.save(update_fields=["public_key", "next_public_key"])
        return {"code": peer.code, "name": peer.name, "key": data["public_key"]}


class StopInput(ActInput):
    peer = LiveChoiceField(label=_("Court"), choices_of=peers_of)
    reason = serializers.CharField(label=_("Reason"), max_length=240)


class StopPeer(PeerAct):
    """Exchange no more letters with a court, at once (停用)."""

    code = "peer.stop"
    title = _("Stop exchanging letters with a court")
    summary = _("No more letters to and from %(name)s: %(reason)s")
    Input = StopInput

    def check(self, case: None, data: dict[str, Any]) -> None:
        self.peer = the_peer(data["peer"])

    def perform(self, case: None, data: dict[str, Any]) -> dict[str, Any]:
        self.peer.is_active = False
        self.peer.save(update_fields=["is_active"])
        return {"code": self.peer.code, "name": self.peer.name, "reason": data["reason"]}
