"""/accounts/…: signing in and out, password, two-factor, one's own name; only what is offered, so no sign-up."""

from allauth.account import views as account
from django.urls import include, path, re_path
from django.views.generic import RedirectView

from web.views import profile

urlpatterns = [
    path("login/", account.login, name="account_login"),
    path("logout/", account.logout, name="account_logout"),
    path("inactive/", account.account_inactive, name="account_inactive"),
    path("reauthenticate/", account.reauthenticate, name="account_reauthenticate"),
    path("password/change/", account.password_change, name="account_change_password"),
    path("password/set/", account.password_set, name="account_set_password"),
    path("password/reset/", account.password_reset, name="account_reset_password"),
    path("password/reset/done/", account.password_reset_done, name="account_reset_password_done"),
    path(
        "password/reset/key/done/",
        account.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        account.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path("2fa/", include("allauth.mfa.urls")),
    path("", profile.profile, name="profile"),
    path("email/", profile.address, name="account_email"),
    # django-allauth's sign-in page names it.
    path("signup/", RedirectView.as_view(pattern_name="account_login"), name="account_signup"),
]
