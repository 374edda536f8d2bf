"""Addresses of issues and their events."""

from django.urls import path

urlpatterns: list = []
