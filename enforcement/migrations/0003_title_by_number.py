"""Duplicates are looked for by the number of the title, at every filing. Built while the table is written."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False  # an index is built concurrently outside a transaction
    dependencies = [("enforcement", "0002_guards")]
    operations = [
        AddIndexConcurrently("title", models.Index(fields=["number"], name="title_by_number")),
    ]
