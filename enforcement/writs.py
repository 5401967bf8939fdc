"""placeholder until the writs land"""
from enforcement.models import Document


def draft(case, writ, *, event_id, day, party, extra, earlier):
    return Document(case=case, event_id=event_id, writ=writ, number=case.number, party=party, data={}, template_hash="", made_on=day, ordinal=len(earlier), version=1)
