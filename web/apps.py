"""Templates, static files and template tags of the people's door."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "web"
