"""Every platform rule, by the examples that made it: raw → token."""

import pytest

from grouping.event import Frame
from grouping.frames import is_in_app, token_of
from grouping.frames.javascript import bundle_name

FUNCTIONS = [
    # (rule, platform, raw function, token)
    ("G5", "native", "foo(int).cold.1", "foo"),
    ("G5", "native", "ns::Bar<int, std::map<a, b>>::run(char const*) const", "ns::Bar::run"),
    ("G5", "native", "bar [clone .part.2]", "bar"),
    ("G5", "native", "operator<", "operator<"),
    ("G5", "native", "strlen@plt", "strlen"),
    ("G6", "python", "<unknown>", ""),
    ("G6", "python", "<lambda>", "<lambda>"),
    ("G6", "javascript", "?", ""),
    ("J1", "javascript", "Object.callback", "callback"),
    ("J1", "javascript", "async Promise.all", "all"),
    ("J1", "javascript", "new Basket", "Basket"),
    ("J1", "javascript", "Basket.total [as sum]", "sum"),
    ("J1", "javascript", "foo/<", ""),
    ("J1", "javascript", "foo/this.bar", ""),
    ("J1", "node", "Array.<anonymous>", ""),
    ("J1", "node", "http.Server.onRequest", "onRequest"),
    ("V5", "java", "lambda$work$1", "work.<λ>"),
    ("V5", "java", "lambda$ranks$4", "ranks.<λ>"),
    ("V5", "java", "show$default", "show"),
    ("V7", "java", "$anonfun$foo$1", "foo.<λ>"),
    ("N1", "csharp", "<Bar>b__1", "Bar.<λ>"),
    ("N1", "csharp", "<Bar>g__Local|3_0", "Bar.Local"),
    ("N1", "csharp", "<Main>$", "Main"),
    ("N1", "csharp", "Bar (int x)", "Bar"),
    ("N1", "csharp", "Run_m0123456789abcdef0123456789abcdef01234567", "Run"),
    (
        "R1",
        "ruby",
        "_app_views_users_show_html_erb__3327151541118998292_70361296749460",
        "_app_views_users_show_html_erb",
    ),
    ("R2", "ruby", "block (2 levels) in foo", "foo.<block>"),
    ("R2", "ruby", "block in foo", "foo.<block>"),
    ("R2", "ruby", "rescue in foo", "rescue in foo"),
    ("R3", "ruby", "Shop::Cart#total", "total"),
    ("R3", "ruby", "Shop.open", "open"),
    ("R3", "ruby", "block in Shop::Cart#total", "total.<block>"),
    ("H1", "php", "class@anonymous\0/app/a.php:12$0::run", "run"),
    ("H1", "php", "{closure}", "<λ>"),
    ("H1", "php", "{closure:App\\Foo::bar():42}", "bar.<λ>"),
    ("H1", "php", "App\\Foo::{closure}", "<λ>"),
    ("H2", "php", "__TwigTemplate_0123456789abcdef0123456789abcdef::doDisplay", "<view>::doDisplay"),
    ("O2", "go", "(*T).M.func1.2", "(*T).M.<λ>"),
    ("O2", "go", "Handlers.func5", "Handlers.<λ>"),
    ("O2", "go", "glob..func1", "<λ>"),
    ("O2", "go", "(*T).M-fm", "(*T).M"),
    ("O2", "go", "Map[...]", "Map"),
    ("U1", "rust", "shop::billing::charge::h0123456789abcdef", "shop::billing::charge"),
    ("U1", "rust", "shop[8f2b9c1d]::bar", "shop::bar"),
    ("U1", "rust", "shop::run::{{closure}}", "shop::run.<λ>"),
    ("U1", "rust", "shop::run::{closure#0}", "shop::run.<λ>"),
    ("U1", "rust", "<shop::Cart as shop::Total>::sum", "shop::Cart::sum"),
    ("W1", "cocoa", "closure #1 in Cart.total()", "Cart.total.<λ>"),
    ("W1", "cocoa", "closure #1 (Swift.Int) -> () in Shop.Cart.total() -> Swift.Int", "Shop.Cart.total.<λ>"),
    ("W1", "cocoa", "specialized Cart.total(_:)", "Cart.total"),
    ("W1", "cocoa", "@objc Cart.total()", "Cart.total"),
    ("W1", "cocoa", "__45-[Foo bar]_block_invoke.12", "-[Foo bar].<block>"),
    ("W1", "cocoa", "-[Foo bar:baz:]", "-[Foo bar:baz:]"),
    ("D1", "dart", "Cart.total.<anonymous closure>", "Cart.total.<λ>"),
    ("D1", "dart", "Cart.total.<fn>", "Cart.total.<λ>"),
    ("E1", "elixir", "-handle_in/3-fun-2-", "handle_in/3.<λ>"),
    ("E1", "elixir", "anonymous fn/2 in Foo.bar/1", "Foo.bar/1.<λ>"),
    ("E1", "elixir", "bar/2", "bar/2"),
    ("E1", "elixir", 'handle_in("new", %{a: 1, b: 2}, socket)', "handle_in/3"),
    ("X1", "native", "ns::run::{lambda(int)#1}::operator()(int) const", "ns::run.<λ>"),
    ("X1", "native", "run::<lambda_0123456789abcdef0123456789abcdef>::operator()", "run.<λ>"),
    ("X1", "native", "(anonymous namespace)::helper(int)", "helper"),
    ("X1", "native", "std::__1::vector<int>::at(unsigned long)", "std::vector::at"),
]


@pytest.mark.parametrize(("rule", "platform", "raw", "token"), FUNCTIONS)
def test_a_function_keeps_its_name_and_loses_what_was_generated(rule: str, platform: str, raw: str, token: str) -> None:
    frame = Frame(function=raw, filename="shop/cart.x")
    assert token_of(frame, platform).function == token


LOCATIONS = [
    # (rule, platform, frame, location)
    (
        "G2",
        "ruby",
        Frame(filename="/data/foo/releases/20140114151955/app/views/foo.html.erb"),
        "views/foo.html.erb",
    ),
    ("G2", "php", Frame(filename="C:\\inetpub\\shop\\cart.php"), "shop/cart.php"),
    ("G3", "php", Frame(filename="/srv/www/users/index.php"), "www/users/index.php"),
    ("G3", "php", Frame(filename="/srv/www/posts/index.php"), "www/posts/index.php"),
    ("G3", "ruby", Frame(filename="/app/run.rb"), "run.rb"),
    ("G3", "ruby", Frame(filename="/srv/shop/run.rb"), "run.rb"),
    ("G3", "ruby", Frame(filename="/home/ana/shop/lib/cart.rb"), "lib/cart.rb"),
    ("G4", "python", Frame(module="__main__", filename="jobs/nightly.py"), "jobs/nightly.py"),
    ("P1", "python", Frame(module="shop.billing", filename="shop/billing.py"), "shop.billing"),
    ("P3", "python", Frame(filename="<ipython-input-3-ab12cd>"), "<notebook>"),
    ("P3", "python", Frame(filename="/tmp/ipykernel_123/4.py"), "<notebook>"),
    (
        "P3",
        "python",
        Frame(filename="<attrs generated init shop.models.Line>", module="shop.models"),
        "shop.models.Line",
    ),
    ("J3", "javascript", Frame(filename="https://shop.example:8080/static/js/cart.js?v=3"), "js/cart.js"),
    ("J4", "javascript", Frame(filename="blob:https://shop.example/0a1b"), ""),
    ("J4", "javascript", Frame(filename="https://shop.example/orders/12"), ""),
    ("J5", "javascript", Frame(filename="https://shop.example/assets/index-DbQ2xY9p.js"), "assets/index.js"),
    ("J5", "javascript", Frame(filename="https://shop.example/static/js/1.067e1ae5.chunk.js"), "js/<chunk>.js"),
    ("J5", "javascript", Frame(filename="https://shop.example/pages/_app-1a2b3c4d.js"), "pages/_app.js"),
    ("J7", "javascript", Frame(filename="webpack:///./src/cart/total.tsx?1b2c", mapped=True), "cart/total.tsx"),
    (
        "J7",
        "javascript",
        Frame(filename="webpack-internal:///(rsc)/./src/cart/total.tsx", mapped=True),
        "cart/total.tsx",
    ),
    ("J7", "javascript", Frame(filename="webpack://shop/../src/cart/total.tsx", mapped=True), "cart/total.tsx"),
    ("J13", "javascript", Frame(filename="app:///index.android.bundle"), "index.android.bundle"),
    ("V1", "java", Frame(module="com.acme.Foo$$EnhancerBySpringCGLIB$$a1b2c3"), "com.acme.Foo"),
    ("V1", "java", Frame(module="com.acme.Foo$$SpringCGLIB$$0"), "com.acme.Foo"),
    ("V1", "java", Frame(module="com.acme.Foo_$$_javassist_74"), "com.acme.Foo"),
    ("V1", "java", Frame(module="com.acme.Foo$ByteBuddy$kx81"), "com.acme.Foo"),
    ("V1", "java", Frame(module="com.acme.Foo_ClientProxy"), "com.acme.Foo"),
    ("V3", "java", Frame(module="com.sun.proxy.$Proxy123"), "$Proxy"),
    ("V3", "java", Frame(module="jdk.proxy2.$Proxy45"), "$Proxy"),
    ("V6", "java", Frame(module="com.acme.Foo$1$2"), "com.acme.Foo"),
    ("V6", "java", Frame(module="com.acme.Foo$Bar"), "com.acme.Foo$Bar"),
    ("N1", "csharp", Frame(module="Ns.Foo+<Bar>d__5"), "Ns.Foo"),
    ("N1", "csharp", Frame(module="Ns.Foo+<>c__DisplayClass4_0"), "Ns.Foo"),
    ("N1", "csharp", Frame(module="Ns.List`1[[System.Int32]]"), "Ns.List"),
    ("R4", "ruby", Frame(filename="/usr/lib/ruby/gems/rack-3.0.1/lib/rack.rb"), "lib/rack.rb"),
    ("R4", "ruby", Frame(filename="(eval at /srv/shop.rb:12)"), "(eval)"),
    ("H2", "php", Frame(filename="/srv/storage/framework/views/" + "ab12" * 10 + ".php"), "<view>"),
    ("O1", "go", Frame(module="github.com/x/y/v3"), "github.com/x/y/v3"),
    ("O1", "go", Frame(module="github.com/x/y@v1.2.3/z"), "github.com/x/y/z"),
    ("X2", "native", Frame(package="/opt/shop/lib/libcart.so.1.2", function="f"), "libcart.so"),
    ("D1", "dart", Frame(abs_path="package:shop/src/cart.dart"), "src/cart.dart"),
]


@pytest.mark.parametrize(("rule", "platform", "frame", "location"), LOCATIONS)
def test_a_location_survives_the_next_deploy(rule: str, platform: str, frame: Frame, location: str) -> None:
    frame.function = frame.function or "MoveNext"
    assert token_of(frame, platform).location == location


DROPPED = [
    ("G8", "python", Frame()),
    ("G12", "python", Frame(module="sentry_sdk.integrations.django", function="f")),
    ("G12", "java", Frame(module="io.sentry.Sentry", function="capture")),
    (
        "P4",
        "python",
        Frame(module="__main__", function="<module>", context_line="spawn_main(tracker_fd=5, pipe_handle=7)"),
    ),
    ("J2", "node", Frame(filename="node:internal/process/task_queues", function="run")),
    ("J2", "javascript", Frame(filename="<anonymous>", function="Array.map")),
    ("J10", "node", Frame(filename="/srv/a.js", function="processTicksAndRejections")),
    ("J10", "javascript", Frame(filename="https://x/node_modules/core-js/es/promise.js", function="f")),
    ("V2", "java", Frame(module="sun.reflect.GeneratedMethodAccessor12", function="invoke")),
    ("V2", "java", Frame(module="jdk.internal.reflect.DirectMethodHandleAccessor", function="invoke")),
    ("V2", "java", Frame(module="java.lang.reflect.Method", function="invoke")),
    ("V4", "java", Frame(module="com.acme.Foo$$Lambda$40/1673859467", function="run")),
    ("V4", "java", Frame(module="com.acme.Foo$$Lambda/0x000001", function="run")),
    ("V4", "java", Frame(module="com.acme.Foo$$ExternalSyntheticLambda3", function="run")),
    ("V9", "java", Frame(module="java.lang.Thread", function="run")),
    ("N2", "csharp", Frame(module="System.Runtime.ExceptionServices.ExceptionDispatchInfo", function="Throw")),
    ("O2", "go", Frame(module="shop", function="Run.gowrap1")),
    ("O3", "go", Frame(module="runtime", function="goexit")),
    ("U1", "rust", Frame(function="rust_begin_unwind")),
    ("U1", "rust", Frame(function="core::panicking::panic_fmt")),
    ("G12", "rust", Frame(function="sentry_panic::PanicIntegration::event_from_panic_info")),
    ("G12", "rust", Frame(function="<sentry_panic::PanicIntegration as sentry_core::Integration>::setup")),
    ("W2", "cocoa", Frame(function="objc_exception_throw", package="/usr/lib/libobjc.A.dylib")),
    ("D1", "dart", Frame(function="<asynchronous suspension>", filename="cart.dart")),
]


@pytest.mark.parametrize(("rule", "platform", "frame"), DROPPED)
def test_plumbing_never_contributes(rule: str, platform: str, frame: Frame) -> None:
    assert token_of(frame, platform).dropped == rule


LIBRARIES = [
    ("python", Frame(module="requests", abs_path="/srv/venv/lib/python3.12/site-packages/requests/api.py")),
    ("python", Frame(module="json", abs_path="/usr/lib/python3.12/json/__init__.py")),
    ("python", Frame(module="importlib", abs_path="<frozen importlib._bootstrap>")),
    ("javascript", Frame(filename="https://unpkg.com/react@18/index.js", function="f")),
    ("javascript", Frame(filename="chrome-extension://abc/content.js", function="f")),
    ("node", Frame(filename="/srv/node_modules/express/router.js", function="f")),
    ("java", Frame(module="org.springframework.web.Dispatcher", function="f")),
    ("csharp", Frame(module="System.Linq.Enumerable", function="First")),
    ("ruby", Frame(abs_path="/usr/lib/ruby/gems/3.1.0/gems/rack-3.0/lib/rack.rb", filename="rack.rb", function="call")),
    ("php", Frame(filename="/vendor/laravel/framework/src/Router.php", function="run")),
    ("go", Frame(module="net/http", function="HandlerFunc.ServeHTTP")),
    ("go", Frame(module="github.com/x/y", abs_path="/go/pkg/mod/github.com/x/y@v1.2.3/y.go", function="Run")),
    ("rust", Frame(function="std::thread::spawn")),
    ("dart", Frame(abs_path="package:flutter/src/widgets/framework.dart", function="build")),
    ("elixir", Frame(module="gen_server", function="handle/2")),
]


@pytest.mark.parametrize(("platform", "frame"), LIBRARIES)
def test_library_code_is_not_the_users_whatever_the_sdk_says(platform: str, frame: Frame) -> None:
    frame.in_app = True
    assert not is_in_app(frame, platform)


def test_a_frame_of_the_user_is_in_app_unless_the_sdk_denies_it() -> None:
    assert is_in_app(Frame(module="shop.cart", filename="shop/cart.py", function="total"), "python")
    assert not is_in_app(Frame(module="shop.cart", function="total", in_app=False), "python")


def test_an_unmapped_minified_frame_says_nothing_but_its_file() -> None:
    token = token_of(Frame(filename="https://x/js/cart.min.js", function="t", lineno=1, colno=4000), "javascript")
    assert (token.location, token.function, token.minified) == ("js/cart.js", "", True)


def test_a_mapped_frame_is_known_by_its_line_because_browsers_name_functions_differently() -> None:
    line = "  return cart.total();"
    chrome = Frame(filename="src/cart.ts", function="q", context_line=line, mapped=True)
    firefox = Frame(filename="src/cart.ts", function="q/<", context_line=line, mapped=True)
    assert token_of(chrome, "javascript").place == token_of(firefox, "javascript").place
    assert b"return cart.total();" in token_of(chrome, "javascript").place


def test_a_mapped_frame_with_a_long_line_keeps_no_name_that_a_minifier_gave() -> None:
    frames = [Frame(function=name, filename="src/a.ts", context_line="x" * 150, mapped=True) for name in ("h", "S")]
    assert token_of(frames[0], "javascript").place == token_of(frames[1], "javascript").place


@pytest.mark.parametrize("line", ["x" * 121, "{snip} a() {snip}", "", "   "])
def test_a_cut_or_long_source_line_is_not_trusted(line: str) -> None:
    assert token_of(Frame(module="a", function="f", context_line=line), "python").line == ""


def test_white_space_in_a_source_line_does_not_matter() -> None:
    tabs = token_of(Frame(module="a", function="f", context_line="\t\treturn   x\n"), "python")
    spaces = token_of(Frame(module="a", function="f", context_line="    return x"), "python")
    assert tabs.line == spaces.line == "return x"


@pytest.mark.parametrize(
    ("base", "name"),
    [
        ("UserProfilePage.js", "UserProfilePage.js"),
        ("page.OFW5HCEP.js", "page.js"),
        ("vendor.js", "vendor.js"),
        ("main-es2015.0a1b2c3d4e.js", "main-es2015.js"),
        ("app.bundle.min.js", "app.js"),
        ("123.js", "<chunk>.js"),
        ("oauth2-client.js", "oauth2-client.js"),
        ("index-BkLmQsTz.js", "index.js"),
        ("base64-url.js", "base64-url.js"),
        ("settings-page.js", "settings-page.js"),
    ],
)
def test_a_bundle_is_known_by_its_name_without_its_hash(base: str, name: str) -> None:
    assert bundle_name(base)[0] == name


def test_the_kotlin_coroutine_is_the_function_it_was_written_in() -> None:
    token = token_of(Frame(module="com.acme.Cart$load$1", function="invokeSuspend"), "java")
    assert (token.location, token.function) == ("com.acme.Cart", "load")


def test_the_async_state_machine_is_the_method_it_was_written_in() -> None:
    token = token_of(Frame(module="Shop.Cart+<Load>d__5", function="MoveNext"), "csharp")
    assert (token.location, token.function) == ("Shop.Cart", "Load")


def test_the_demystified_and_the_raw_async_method_are_one() -> None:
    raw = token_of(Frame(module="Shop.Cart+<Load>d__5", function="MoveNext"), "csharp")
    clear = token_of(Frame(module="Shop.Cart", function="async Task<int> Shop.Cart.Load(int id)"), "csharp")
    assert raw.place == clear.place


def test_a_generic_method_is_its_name() -> None:
    token = token_of(Frame(module="Shop.Store`1[[Shop.Order]]", function="T Store<T>.Find(List<int> ids)"), "csharp")
    assert (token.location, token.function) == ("Shop.Store", "Find")
