"""Writs are signed, and one to an agency has a copy that names accounts and identity numbers in full.

Columns without a value for old rows, no index and no scan: the table is locked for an instant only.
"""

import django.db.models.deletion
from django.db import migrations, models

GUARDED = "uid, case_id, event_id, writ, number, ordinal, version, party_id, data, template_hash, made_on"
GUARD = """
DROP TRIGGER zhixing_guard_columns ON enforcement_document;
CREATE TRIGGER zhixing_guard_columns BEFORE UPDATE OF {columns}
    ON enforcement_document FOR EACH ROW EXECUTE FUNCTION zhixing_guard_row();
"""


def file() -> models.ForeignKey:
    return models.ForeignKey(
        db_index=False,
        null=True,
        on_delete=django.db.models.deletion.PROTECT,
        related_name="+",
        to="enforcement.storedfile",
    )


class Migration(migrations.Migration):
    dependencies = [("enforcement", "0003_title_by_number")]
    operations = [
        migrations.AddField("document", "signed_file", file()),
        migrations.AddField("document", "full_sealed", models.BinaryField(null=True)),
        migrations.AddField("document", "agency_file", file()),
        migrations.AddField("document", "agency_key_sealed", models.BinaryField(null=True)),
        migrations.AddField(
            "document",
            "agency_sha256",
            models.CharField(blank=True, db_default="", default="", max_length=64),
        ),
        # The values of the agency's copy are part of what an act wrote, as the rest of the writ is.
        migrations.RunSQL(GUARD.format(columns=GUARDED + ", full_sealed"), GUARD.format(columns=GUARDED)),
    ]
