"""The demo's keys are made once, for their owner's eyes, and production refuses them."""

import base64
import stat

from launcher import keys


def test_keys_are_made_once_and_only_the_owner_may_read_them(tmp_path):
    file = tmp_path / "secrets.env"
    first = keys.of_the_demo(file)
    assert keys.of_the_demo(file) == first
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_file_of_an_older_version_is_completed_not_replaced(tmp_path):
    file = tmp_path / "secrets.env"
    file.write_text("SECRET_KEY=old\n")
    assert keys.of_the_demo(file)["SECRET_KEY"] == "old"
    assert {"FIELD_KEYS", "BLIND_INDEX_KEY"} <= keys.of_the_demo(file).keys()


def test_demo_keys_carry_the_mark_that_production_refuses_and_are_long_enough():
    made = keys.fresh()
    assert "demo-only-" in made["SECRET_KEY"]
    assert "demo-only-" in made["FIELD_KEYS"]
    assert len(base64.b64decode(made["FIELD_KEYS"].split(":")[1])) == 32
    assert len(base64.b64decode(made["BLIND_INDEX_KEY"])) == 32
    assert "demo-only-" in made["LINKAGE_SIGNING_KEY"]
    assert len(base64.b64decode(made["LINKAGE_SIGNING_KEY"].split(":")[1])) == 32
