"""Connections that were removed and stay for their tickets; who agreed to an unofficial link, and when."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
        ("connections", "0006_waits_and_history"),
    ]

    operations = [
        migrations.AddField(
            model_name="connection",
            name="is_archived",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="connection",
            name="consented_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="accounts.membership",
            ),
        ),
        migrations.AddField(
            model_name="connection",
            name="consented_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="linkinvitation",
            name="agreed_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="linkinvitation",
            name="ended_why",
            field=models.CharField(blank=True, default="", max_length=8),
            preserve_default=False,
        ),
        migrations.RemoveConstraint(
            model_name="connection",
            name="connection_name_per_tenant",
        ),
        migrations.AddConstraint(
            model_name="connection",
            constraint=models.UniqueConstraint(
                condition=models.Q(("is_archived", False)),
                fields=("tenant", "name"),
                name="connection_name_per_tenant",
            ),
        ),
    ]
