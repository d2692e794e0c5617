"""The tables that came with other kinds of connection are under forced row-level security."""

from django.db import migrations

from tenants.rls import ProtectTables


class Migration(migrations.Migration):
    dependencies = [("connections", "0003_drivers_and_health")]

    operations = [
        ProtectTables(
            "connections_linkinvitation",
            "connections_post",
            "connections_profilearchive",
            "connections_sealedsettings",
            "connections_traffichour",
        )
    ]
