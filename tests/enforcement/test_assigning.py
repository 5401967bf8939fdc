"""Assignment, reassignment and recusal."""


def test_a_case_goes_to_the_named_officer(world, filed):
    world.do("case.assign", filed, "head", officer="implementer")
    assert filed.implementer == world.implementer
    assert filed.stage == "notice"
