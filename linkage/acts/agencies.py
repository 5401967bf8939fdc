"""Member agencies (联动成员单位), kept by the liaison court: who they are, what they answer, how they are
reached."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from directory.models import Agency
from directory.models.agencies import AgencyKind
from enforcement.engine import ActInput, LiveChoiceField, Refused
from law import identity, linkage
from law.citations import DATA_SECURITY, DECISION_2011
from linkage.acts.liaison import LiaisonAct, members_of, shut_out
from linkage.endpoints import BadEndpoint, check_networks, check_url
from linkage.models import WAITING_STATES, Channel, ChannelKind, MatterAnswered, Member, Request

MATTERS = [
    (code, f"{matter.name_zh} · {matter.agency_zh} ({code})") for code, matter in linkage.matters().items()
]
LONGEST_CLOCK = 60  # working days; set by the product


def matters_of(kind: str) -> list[str]:
    """Codes of the matters that agencies of a kind answer by the table."""
    return [code for code, matter in linkage.matters().items() if matter.agency_kind == kind]


def headquarters_of(context: dict[str, Any]) -> dict[str, str]:
    """Agencies that may have branches: live ones that are no branch themselves."""
    rows = Agency.objects.filter(member__isnull=False, is_active=True, headquarters=None)
    return {agency.code: str(agency) for agency in rows}


class MatterRow(serializers.Serializer):
    """One matter with the clock a conference or agreement set for this agency."""

    matter = serializers.ChoiceField(label=_("Matter"), choices=MATTERS)
    days = serializers.IntegerField(
        label=_("Own clock, working days"),
        min_value=1,
        max_value=LONGEST_CLOCK,
        required=False,
        allow_null=True,
        default=None,
    )


def _text(label: Any, most: int, **options: Any) -> serializers.CharField:
    return serializers.CharField(label=label, max_length=most, required=False, allow_blank=True, **options)


class MemberInput(ActInput):
    """What is known about a member, and what may change; what is left out of a change stays."""

    superior = LiveChoiceField(
        label=_("Superior in the directory"),
        choices_of=headquarters_of,
        required=False,
        allow_blank=True,
        help_text=_("It is told when the agency does not answer."),
    )
    superior_name = _text(_("Superior, if it is no member"), 120)
    duties = _text(
        _("Duties in joint enforcement"), 2000, style={"base_template": "textarea.html", "rows": 3}
    )
    contact_name = _text(_("Contact"), 80)
    contact_phone = _text(_("Telephone"), 40)
    contact_email = serializers.EmailField(label=_("E-mail"), required=False, allow_blank=True)
    needs_second_person = serializers.BooleanField(
        label=_("A second person of the agency confirms every answer"), required=False
    )
    answers_itself = serializers.BooleanField(
        label=_("It answers requests itself"),
        required=False,
        initial=True,
        help_text=_("Untick it for a headquarters whose branches answer."),
    )
    matters = MatterRow(
        many=True,
        required=False,
        label=_("Matters it answers"),
        help_text=_(
            "None named: all matters of its kind. A clock left empty is that of the table of matters."
        ),
        style={"min_rows": 0},
    )

    def validate_matters(self, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        codes = [row["matter"] for row in rows]
        twice = sorted({code for code in codes if codes.count(code) > 1})
        if twice:
            raise serializers.ValidationError(
                gettext("Named twice: %(codes)s.") % {"codes": ", ".join(twice)}
            )
        return rows


class AgencyInput(MemberInput):
    kind = serializers.ChoiceField(label=_("Kind"), choices=AgencyKind.choices)
    name = serializers.CharField(label=_("Name"), max_length=120)
    name_bo = _text(_("Name in Tibetan"), 240, default="")
    code = serializers.SlugField(
        label=_("Agency code"),
        max_length=40,
        help_text=_("Short, in small letters and digits, such as boc-lhasa; never changed later."),
    )
    credit_code = _text(_("Unified social credit code"), 18, default="")
    headquarters = LiveChoiceField(
        label=_("Branch of"), choices_of=headquarters_of, required=False, allow_blank=True, default=""
    )
    channel = serializers.ChoiceField(
        label=_("How requests reach it"),
        choices=[choice for choice in ChannelKind.choices if choice[0] != ChannelKind.WEBHOOK],
        default=ChannelKind.PORTAL,
        help_text=_("A webhook is set up afterwards, with its address."),
    )

    def get_fields(self) -> dict[str, serializers.Field]:
        fields = super().get_fields()
        first = ["kind", "name", "name_bo", "code", "credit_code", "headquarters", "channel"]
        return {name: fields[name] for name in [*first, *(name for name in fields if name not in first)]}

    def validate_code(self, value: str) -> str:
        if value != value.lower():
            raise serializers.ValidationError(_("Use small letters, digits and hyphens."))
        return value

    def validate_credit_code(self, value: str) -> str:
        if not value:
            return ""
        try:
            return str(identity.check_credit_code(value))
        except identity.IdentityError as error:
            raise serializers.ValidationError(error.sentence.render(gettext)) from error


class AddAgency(LiaisonAct):
    """Take an agency into the joint enforcement of the area (新增成员单位)."""

    code = "agency.add"
    title = _("Add an agency")
    summary = _("%(name)s (%(agency)s) joined: %(kind)s, answers %(count)s matters")
    Input = AgencyInput

    def check(self, case: None, data: dict[str, Any]) -> None:
        basis = DECISION_2011.art("四")
        if Agency.objects.filter(code=data["code"]).exists():
            raise Refused(gettext("This code is taken. Choose another."), basis, field="code", code="taken")
        if (
            data["credit_code"]
            and Agency.objects.filter(credit_code=data["credit_code"], is_active=True).exists()
        ):
            raise Refused(
                gettext("An agency with this credit code is in the directory already."),
                basis,
                field="credit_code",
                code="taken",
            )
        headquarters = self.linked(data["headquarters"], "headquarters")
        if headquarters is not None and (
            headquarters.kind != data["kind"] or headquarters.headquarters_id is not None
        ):
            raise Refused(
                gettext("A branch is of the same kind as its headquarters, which is no branch itself."),
                basis,
                field="headquarters",
            )
        self.linked(data.get("superior", ""), "superior")
        refuse_foreign(data["kind"], data.get("matters", []))

    def perform(self, case: None, data: dict[str, Any]) -> dict[str, Any]:
        agency = Agency.objects.create(
            code=data["code"],
            kind=data["kind"],
            name=data["name"],
            name_bo=data["name_bo"],
            credit_code=data["credit_code"],
            headquarters=self.linked(data["headquarters"], "headquarters"),
        )
        Member.objects.create(
            agency=agency,
            liaison=self.court,
            joined_on=self.day,
            superior=self.linked(data.get("superior", ""), "superior"),
            **{name: data[name] for name in MEMBER_COLUMNS if name in data},
        )
        Channel.objects.create(agency=agency, kind=data["channel"])
        count = answer_matters(agency, data.get("matters", []), itself=data.get("answers_itself", True))
        return {
            "agency": agency.code,
            "name": agency.name,
            "kind": AgencyKind(agency.kind).label,
            "channel": ChannelKind(data["channel"]).label,
            "count": count,
        }


MEMBER_COLUMNS = (
    "superior_name",
    "duties",
    "contact_name",
    "contact_phone",
    "contact_email",
    "needs_second_person",
)


def refuse_foreign(kind: str, rows: list[dict[str, Any]]) -> None:
    """Raise ``Refused`` for a matter that agencies of this kind do not answer."""
    foreign = sorted(row["matter"] for row in rows if linkage.matter(row["matter"]).agency_kind != kind)
    if foreign:
        raise Refused(
            gettext("Agencies of this kind do not answer: %(codes)s.") % {"codes": ", ".join(foreign)},
            DECISION_2011.art("四"),
            field="matters",
            code="foreign-matter",
        )


def answer_matters(agency: Agency, rows: list[dict[str, Any]], *, itself: bool) -> int:
    """Let an agency answer exactly these matters; of none named, all of its kind. How many."""
    wanted = {row["matter"]: row["days"] for row in rows} or dict.fromkeys(matters_of(agency.kind))
    if not itself:
        wanted = {}
    MatterAnswered.objects.filter(agency=agency).exclude(matter__in=wanted).delete()
    for matter, days in wanted.items():
        MatterAnswered.objects.update_or_create(agency=agency, matter=matter, defaults={"days": days})
    return len(wanted)


class ChangeAgencyInput(MemberInput):
    agency = LiveChoiceField(label=_("Agency"), choices_of=members_of)

    def get_fields(self) -> dict[str, serializers.Field]:
        fields = super().get_fields()
        return {"agency": fields.pop("agency"), **fields}


class ChangeAgency(LiaisonAct):
    """Change contacts, superior, matters with their clocks, or the two-person rule (变更成员单位)."""

    code = "agency.change"
    title = _("Change an agency")
    summary = _("%(name)s (%(agency)s) was changed: %(changed)s")
    Input = ChangeAgencyInput

    def initial(self, case: None) -> dict[str, Any]:
        """What is known of the agency that the page was opened for."""
        agency = (
            Agency.objects.select_related("member__superior")
            .filter(code=self.about, member__liaison=self.court)
            .first()
        )
        if agency is None:
            return {}
        member = agency.member
        rows = list(agency.matters.values("matter", "days"))
        return {
            "agency": agency.code,
            "superior": member.superior.code if member.superior else "",
            "answers_itself": bool(rows),
            "matters": rows,
            **{name: getattr(member, name) for name in MEMBER_COLUMNS},
        }

    def check(self, case: None, data: dict[str, Any]) -> None:
        agency = self.agency(data["agency"])
        superior = self.linked(data.get("superior", ""), "superior")
        if superior is not None and superior.pk == agency.pk:
            raise Refused(
                gettext("An agency is not its own superior."), DECISION_2011.art("四"), field="superior"
            )
        refuse_foreign(agency.kind, data.get("matters", []))

    def perform(self, case: None, data: dict[str, Any]) -> dict[str, Any]:
        agency = self.agency(data["agency"])
        member, changed = agency.member, []
        for name in MEMBER_COLUMNS:
            if name in data and getattr(member, name) != data[name]:
                setattr(member, name, data[name])
                changed.append(name)
        if "superior" in data:
            superior = self.linked(data["superior"], "superior")
            if member.superior != superior:
                member.superior = superior
                changed.append("superior")
        member.save()
        before = dict(agency.matters.values_list("matter", "days"))
        if "matters" in data or data.get("answers_itself") is False:
            answer_matters(agency, data.get("matters", []), itself=data.get("answers_itself", True))
        after = dict(agency.matters.values_list("matter", "days"))
        if before != after:
            changed.append("matters")
        labels = {name: str(one.label) for name, one in ChangeAgencyInput().fields.items()}
        return {
            "agency": agency.code,
            "name": agency.name,
            "changed": [labels[name] for name in changed],
            "matters_added": sorted(set(after) - set(before)),
            "matters_removed": sorted(set(before) - set(after)),
            "clocks": {code: days for code, days in after.items() if days != before.get(code)},
        }


class ChannelInput(ActInput):
    agency = LiveChoiceField(label=_("Agency"), choices_of=members_of)
    kind = serializers.ChoiceField(label=_("Channel"), choices=ChannelKind.choices)
    url = serializers.CharField(
        label=_("Address of the webhook"),
        max_length=300,
        required=False,
        allow_blank=True,
        default="",
        style={"input_type": "url", "placeholder": "https://answers.bank.cn/zhixing"},
        help_text=_("https only; never this machine or its own link."),
    )
    networks = serializers.CharField(
        label=_("Networks the webhook may be sent into"),
        max_length=400,
        required=False,
        allow_blank=True,
        default="",
        style={"base_template": "textarea.html", "rows": 3},
        help_text=_("One a line, such as 203.0.113.0/24. An address outside them is not called."),
    )
    concurrency = serializers.IntegerField(
        label=_("Calls at a time"), min_value=1, max_value=32, required=False, default=4
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        attrs = super().validate(attrs)
        wanted = attrs["networks"].replace(",", "\n").split("\n")
        try:
            networks = check_networks(filter(None, map(str.strip, wanted)), at_home=settings.DEV)
        except BadEndpoint as error:
            raise serializers.ValidationError({"networks": [str(error)]}) from error
        attrs["networks"] = networks
        if attrs["kind"] != ChannelKind.WEBHOOK:
            return attrs
        if not attrs["url"]:
            raise serializers.ValidationError({"url": [gettext("A webhook needs its address.")]})
        if not networks:
            raise serializers.ValidationError({"networks": [gettext("Name at least one network.")]})
        try:
            check_url(attrs["url"], networks, at_home=settings.DEV)
        except BadEndpoint as error:
            raise serializers.ValidationError({"url": [str(error)]}) from error
        return attrs


class SetChannel(LiaisonAct):
    """Say how requests reach an agency (设置送达渠道). The portal stays open to it besides."""

    code = "agency.set-channel"
    title = _("Set the channel of an agency")
    summary = _("Requests reach %(name)s (%(agency)s) by: %(channel)s %(url)s")
    basis = (DECISION_2011.art("四"), DATA_SECURITY.whole())
    Input = ChannelInput

    def initial(self, case: None) -> dict[str, Any]:
        channel = Channel.objects.filter(agency__code=self.about, agency__member__liaison=self.court).first()
        if channel is None:
            return {}
        return {
            "agency": self.about,
            "kind": channel.kind,
            "url": channel.url,
            "networks": "\n".join(channel.networks),
            "concurrency": channel.concurrency,
        }

    def check(self, case: None, data: dict[str, Any]) -> None:
        self.agency(data["agency"])

    def perform(self, case: None, data: dict[str, Any]) -> dict[str, Any]:
        agency = self.agency(data["agency"])
        hooked = data["kind"] == ChannelKind.WEBHOOK
        Channel.objects.update_or_create(
            agency=agency,
            defaults={
                "kind": data["kind"],
                "url": data["url"] if hooked else "",
                "networks": data["networks"] if hooked else [],
                "concurrency": data["concurrency"],
                "is_active": True,
                "failures": 0,
                "breaker_open_until": None,
            },
        )
        return {
            "agency": agency.code,
            "name": agency.name,
            "channel": ChannelKind(data["kind"]).label,
            "url": data["url"] if hooked else "",
            "networks": data["networks"] if hooked else [],
        }


class LeaveInput(ActInput):
    agency = LiveChoiceField(label=_("Agency"), choices_of=members_of)
    reason = serializers.CharField(label=_("Reason"), max_length=200)


class Leave(LiaisonAct):
    """End an agency's membership (退出): nothing waits for it, its people and systems are shut out."""

    code = "agency.leave"
    title = _("End the membership of an agency")
    summary = _("%(name)s (%(agency)s) left: %(reason)s")
    tone = "bad"
    Input = LeaveInput

    def check(self, case: None, data: dict[str, Any]) -> None:
        agency = self.agency(data["agency"])
        waiting = Request.objects.filter(agency=agency, state__in=WAITING_STATES).count()
        if waiting:
            raise Refused(
                gettext("%(count)s requests still wait for its answer. Recall them first.")
                % {"count": waiting},
                DECISION_2011.art("四"),
                field="agency",
                code="waiting",
            )
        if agency.branches.filter(is_active=True).exists():
            raise Refused(
                gettext("It has branches in the directory. They leave first."),
                DECISION_2011.art("四"),
                field="agency",
                code="branches",
            )

    def perform(self, case: None, data: dict[str, Any]) -> dict[str, Any]:
        agency = self.agency(data["agency"])
        agency.is_active = False
        agency.save(update_fields=["is_active"])
        agency.member.left_on = self.day
        agency.member.save(update_fields=["left_on"])
        Channel.objects.filter(agency=agency).update(is_active=False)
        agency.keys.filter(valid_until=None).update(valid_until=self.at)
        ended = 0
        for person in agency.people.filter(is_active=True):
            shut_out(person, self.day)
            ended += 1
        return {
            "agency": agency.code,
            "name": agency.name,
            "reason": data["reason"],
            "people": ended,
        }
