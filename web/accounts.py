"""How django-allauth behaves here: nobody signs up uninvited, and links in mails name the configured address."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.contrib.auth.models import AbstractBaseUser
from django.http import HttpRequest
from django.urls import reverse

from tracker.accounts.addresses import absolute_url, page_url


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """Accounts come from invitations (`/welcome/<token>/`) only."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_reset_password_from_key_url(self, key: str) -> str:
        """From BASE_URL, never from the request's Host header, which the one who asks for the mail can choose."""
        uid, _, token = key.partition("-")
        return page_url("account_reset_password_from_key", uid, token)

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("profile")

    def send_password_reset_mail(self, user: AbstractBaseUser, email: str, context: dict[str, Any]) -> None:
        super().send_password_reset_mail(user, email, {**context, "site_url": absolute_url("/")})
