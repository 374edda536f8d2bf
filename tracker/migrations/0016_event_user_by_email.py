from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tracker", "0015_tighter_pages")]

    operations = [
        migrations.AddIndex(model_name="eventuser", index=models.Index(fields=["email"], name="event_user_by_email")),
    ]
