"""Events without a stack: security reports, template errors, and events that say nothing."""

from typing import Any

import pytest

from grouping.event import Event, ExceptionValue, Mechanism
from tests.grouping.test_group import error, event, keys, same

PAGE = "https://shop.example/cart"


def csp(blocked: str, directive: str = "script-src", document: str = PAGE, kind: str = "csp", **more: Any) -> Event:
    report = Event("0" * 32, type=kind)
    report.csp = {"effective-directive": directive, "blocked-uri": blocked, "document-uri": document, **more}
    return report


class TestSecurityReports:
    @pytest.mark.parametrize(
        ("one", "other"),
        [
            (csp("https://evil.example/a"), csp("https://EVIL.example/b?c#d")),
            (csp("https://evil.example:443/a"), csp("https://evil.example/a")),
            (csp("https://ann:secret@evil.example/a"), csp("https://evil.example/a")),
            (csp("https://shop.example/a.js"), csp("https://SHOP.example/b.js")),
            (csp("https://shop.example/a.js"), csp("https://till.example/a.js", document="https://till.example/")),
            (csp("https://a@shop.example/a.js", document="https://b@shop.example/"), csp("https://shop.example/b.js")),
            (csp(""), csp("self")),
            (csp("data:image/png;base64,AAAA"), csp("data:text/plain,x")),
            (csp("blob:https://a.example/1"), csp("blob:https://b.example/2")),
            (csp("evil.example/a"), csp("EVIL.example?b")),
            (csp("https://[broken"), csp("https://[broken/too")),
            (csp("https://evil.example/", "IMG-SRC 'self'"), csp("https://evil.example/", "img-src")),
        ],
    )
    def test_the_same_directive_and_host_are_one_issue(self, one: Event, other: Event) -> None:
        assert [key.kind for key in keys(one)] == ["sec"]
        assert same(one, other)

    @pytest.mark.parametrize(
        ("one", "other"),
        [
            (csp("https://evil.example/"), csp("https://evil.example/", "img-src")),
            (csp("https://evil.example/"), csp("https://wicked.example/")),
            (csp("https://shop.example/a.js"), csp("https://shop.example/a.js", document="https://till.example/")),
            (csp("inline"), csp("eval")),
            (csp("eval"), csp("wasm-eval")),
            (csp("self"), csp("inline")),
            (csp("data:x"), csp("blob:x")),
            (csp("filesystem:x"), csp("about:blank")),
            (csp("chrome-extension://abc/x"), csp("moz-extension://abc/x")),
            (csp("https://evil.example/"), csp("https://evil.example/", kind="expectct")),
        ],
    )
    def test_others_are_another(self, one: Event, other: Event) -> None:
        assert not same(one, other)

    @pytest.mark.parametrize("extension", ["chrome-extension", "moz-extension"])
    def test_extensions_of_browsers_are_not_told_apart_by_their_ids(self, extension: str) -> None:
        assert same(csp(f"{extension}://abc/x"), csp(f"{extension}://def/y"))

    @pytest.mark.parametrize(
        "names",
        [
            ("effective_directive", "blocked_uri", "document_uri"),
            ("effectiveDirective", "blockedURL", "documentURL"),
            ("effectiveDirective", "blockedURI", "documentURI"),
            ("violated_directive", "blocked-uri", "document-uri"),
            ("violated-directive", "blocked-uri", "document-uri"),
            ("violatedDirective", "blocked-uri", "document-uri"),
        ],
    )
    @pytest.mark.parametrize("around", ["", "csp-report", "body"])
    def test_every_browsers_spelling_and_envelope_says_the_same(self, names: tuple[str, ...], around: str) -> None:
        for blocked in ("https://evil.example/a", "https://shop.example/a"):
            spelled = Event("0" * 32, type="csp")
            report = dict(zip(names, ("script-src", blocked, PAGE), strict=True))
            spelled.csp = {around: report} if around else report
            assert same(spelled, csp(blocked))

    def test_the_effective_directive_comes_before_the_violated_one(self) -> None:
        assert same(
            csp("eval", "script-src-elem", **{"violated-directive": "script-src"}), csp("eval", "script-src-elem")
        )

    @pytest.mark.parametrize("around", ["expect-ct-report", "expect-staple-report", "known-pins", ""])
    def test_reports_on_certificates_are_known_by_their_host(self, around: str) -> None:
        def report(host: str) -> Event:
            one = Event("0" * 32, type="expectct")
            one.csp = {around: {"hostname": host}} if around else {"hostname": host}
            return one

        assert same(report("shop.example"), report("SHOP.example"))
        assert not same(report("shop.example"), report("till.example"))


class TestTemplateErrors:
    def of(self, **template: object) -> Event:
        one = event()
        one.template = template
        return one

    def test_the_file_and_its_line_count(self) -> None:
        one = self.of(filename="cart.html", context_line="{{ total }}")
        assert not same(one, self.of(filename="cart.html", context_line="{{ sum }}"))
        assert not same(one, self.of(filename="till.html", context_line="{{ total }}"))

    def test_the_whole_path_stands_in_for_the_name(self) -> None:
        one = self.of(filename="templates/cart.html", abs_path="/elsewhere/x.html", context_line="{{ total }}")
        assert same(one, self.of(abs_path="/srv/a/templates/cart.html", context_line="{{ total }}"))

    def test_what_is_no_text_is_nothing(self) -> None:
        assert same(self.of(filename=5, context_line=None), self.of(filename="", context_line=""))


class TestEventsThatSayNothing:
    """They are told apart by where they come from, never one by one and never all in one issue."""

    @pytest.mark.parametrize("field", ["platform", "level", "logger", "transaction"])
    def test_each_of_these_tells_them_apart(self, field: str) -> None:
        one, other, again = event(), event(), event()
        setattr(other, field, "another")
        setattr(again, field, "another")
        assert not same(one, other)
        assert same(other, again)

    def test_so_does_how_the_exception_was_caught(self) -> None:
        one, other = (event(error("", "", mechanism=Mechanism(type=name))) for name in ("onerror", "instrument"))
        assert [key.kind for key in keys(one)] == ["low"]
        assert not same(one, other)

    def test_the_thrown_exception_says_how(self) -> None:
        cause = ExceptionValue(mechanism=Mechanism(type="chained"))
        thrown = ExceptionValue(mechanism=Mechanism(type="onerror"))
        assert keys(event(cause, thrown))[0].kind == "low"
        assert same(event(cause, thrown), event(thrown))
