"""The certificate of a lift (解除证明): when every holder has carried it out, each debtor gets one."""

from enforcement.models import Case, Document, Party
from linkage.acts.answering import AnswerRequest
from linkage.models import Lift, Request


def certify(act: AnswerRequest, case: Case, lift: Lift) -> list[Document]:
    """A certificate for everybody who was restrained: what was lifted, where, and when it was done."""
    by_debtor: dict[Party, list[Request]] = {}
    requests = lift.requests.select_related("agency", "party", "asset__owner", "undoes").order_by("id")
    for request in requests:
        debtor = request.asset.owner if request.asset is not None else request.party
        if debtor is not None:
            by_debtor.setdefault(debtor, []).append(request)
    return [
        act.effects.write(
            case,
            "certificate.lift",
            party=debtor,
            extra={
                "lift": {
                    "number": lift.number,
                    "reason": lift.reason,
                    "ordered_on": lift.ordered_on,
                    "confirmed_on": lift.confirmed_on,
                    "holders": [_holder(request) for request in lifted],
                }
            },
        )
        for debtor, lifted in by_debtor.items()
    ]


def _holder(request: Request) -> dict[str, str]:
    matter = (request.undoes or request).matter
    agency, sum_zh, sum_bo = request.agency, "", ""
    if request.amount is not None:
        sum_zh, sum_bo = f"，解除￥{request.amount:,.2f}", f" ￥{request.amount:,.2f}"
    return {
        "zh": f"{agency.name}：{matter.name('zh')}{sum_zh}",
        "bo": f"{agency.name_bo or agency.name}: {matter.name('bo')}{sum_bo}",
    }
