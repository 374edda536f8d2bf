from django.db import migrations

from tracker.versions import order_key

AT_ONCE = 1_000


def fill(apps, schema_editor):
    """In bites, each committed by itself: events go on coming in meanwhile."""
    releases = apps.get_model("tracker", "Release").objects.order_by("id")
    last = 0
    while rows := list(releases.filter(id__gt=last).only("id", "version")[:AT_ONCE]):
        for row in rows:
            row.order_key = order_key(row.version)
        releases.bulk_update(rows, ["order_key"], batch_size=200)
        last = rows[-1].id


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("tracker", "0011_release_order_key"),
    ]

    operations = [
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
