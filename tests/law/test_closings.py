"""The ways to close a case and the nodes it passes, as the tables have them."""

import pytest

from law import closings, nodes


def test_every_way_to_close_has_conditions_and_a_basis():
    assert len(closings.closings()) == 64
    for each in closings.closings():
        assert all((each.conditions, each.documents, each.citations)), each.code


def test_a_family_gathers_the_ways_to_close_of_one_kind():
    assert [each.code for each in closings.closings("round")] == [
        "round.no-asset",
        "round.undisposable",
        "round.agreed",
    ]
    assert closings.closing("done.full").family == "done"
    with pytest.raises(KeyError, match="no way to close"):
        closings.closing("done.somehow")


def test_ways_to_close_that_were_not_seen_in_their_text_are_marked():
    assert not closings.closing("preserve.partial").verified
    assert not any(each.verified for each in closings.closing("preserve.partial").citations)


def test_nodes_come_in_order_and_name_their_evidence():
    orders = [each.order for each in nodes.nodes()]
    assert orders == sorted(orders)
    assert all(each.evidence for each in nodes.nodes())
    assert nodes.node("node.notice").deadline.duration == 10
    assert nodes.nodes_of("notice.send") == (nodes.node("node.notice"),)
    with pytest.raises(KeyError, match="no node"):
        nodes.node("node.never")
