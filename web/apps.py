"""Templates, static files and template tags of the web app."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "web"
