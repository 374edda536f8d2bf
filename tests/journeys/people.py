"""Somebody with a browser that knows no JavaScript: cookies, forms, links."""

import re

import httpx

from tests.running import OWNER, OWNER_PASSWORD


class Person(httpx.Client):
    """An HTTP client that signs in and sends forms with their CSRF token."""

    def __init__(self, url: str) -> None:
        super().__init__(base_url=url, follow_redirects=True, timeout=20)

    def sign_in(self, email: str = OWNER, password: str = OWNER_PASSWORD) -> None:
        answer = self.send_form("/accounts/login/", {"login": email, "password": password})
        assert answer.status_code == 200, answer.text[:500]
        assert "/accounts/login/" not in str(answer.url), "signing in was refused"

    def send_form(self, path: str, fields: dict[str, str]) -> httpx.Response:
        """Open the page, take its CSRF token, and send the form to the same address."""
        return self.press(path, "", fields)

    def press(self, path: str, action: str, fields: dict[str, str]) -> httpx.Response:
        """The same, for a form of the page that is sent to the address `action`; empty for the page's own."""
        page = self.get(path)
        found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
        assert found, f"{path} has no form: {page.status_code}"
        sent = {**fields, "csrfmiddlewaretoken": found[1]}
        return self.post(action or path, data=sent, headers={"Referer": str(page.url)})
