"""Apply stored answers of agencies again, from the bytes they came in: after a fault was mended."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from linkage import inbox
from linkage.models import Answer, AnswerState


class Command(BaseCommand):
    help = "Apply stored answers that were received and not applied; with --refused those not accepted too."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--agency", help="Code of an agency; all if not given")
        parser.add_argument("--number", help="Receipt number; all if not given")
        parser.add_argument("--refused", action="store_true", help="Also those that were not accepted")

    def handle(self, *args: Any, **options: Any) -> None:
        states = [AnswerState.RECEIVED] + ([AnswerState.REFUSED] if options["refused"] else [])
        answers = Answer.objects.filter(state__in=states).select_related("request", "agency", "answered_by")
        if options["agency"]:
            answers = answers.filter(agency__code=options["agency"])
        if options["number"]:
            answers = answers.filter(number=options["number"])
        for answer in answers.order_by("id"):
            received = inbox.replay(answer)
            self.stdout.write(f"{answer.agency.code} {answer.number}: {received.answer.state}")
