import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("directory", "0003_alter_agency_kind")]

    operations = [
        migrations.AddField(
            model_name="clientsystem",
            name="certificates",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=64),
                blank=True,
                default=list,
                help_text="SHA-256 of the client certificates, in small hexadecimal letters; empty: none is asked.",
                size=2,
            ),
        ),
    ]
