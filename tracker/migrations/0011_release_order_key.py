from django.db import migrations, models
from django.db.models.functions import Coalesce


class Migration(migrations.Migration):
    dependencies = [
        ("tracker", "0010_suggestion_by_keys"),
    ]

    operations = [
        migrations.AddField(
            model_name="release",
            name="order_key",
            field=models.BinaryField(db_default=b""),
        ),
        migrations.AddIndex(
            model_name="release",
            index=models.Index(fields=["project", "order_key"], name="release_by_version"),
        ),
        migrations.AddIndex(
            model_name="release",
            index=models.Index("project", Coalesce("released_at", "created_at"), name="release_by_date"),
        ),
    ]
