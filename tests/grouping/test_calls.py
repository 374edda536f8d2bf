"""Dispatchers are left out, callers by name are kept."""

import pytest

from grouping.calls import named_calls
from grouping.event import Frame
from grouping.frames import token_of


def chain(*frames: tuple[str, str], platform: str = "python") -> list[str]:
    """The functions that remain of (function, source line) pairs, outermost first."""
    tokens = [
        token_of(Frame(module=f"shop.m{number}", function=function, context_line=line), platform)
        for number, (function, line) in enumerate(frames)
    ]
    return [tokens[position].function for position in named_calls(tokens)]


def test_a_caller_by_name_belongs_to_the_story() -> None:
    assert chain(("checkout", "require(address)"), ("require", "raise ValueError(message)")) == ["checkout", "require"]


@pytest.mark.parametrize(
    "dispatch",
    [
        "return handler(*args, **kwargs)",
        "return command()",
        "self.command()",
        "return f(*args)",
        "result = task.run()",
        "return await coroutine",
    ],
)
def test_who_calls_what_it_was_handed_is_left_out(dispatch: str) -> None:
    assert chain(("main", "serve()"), ("serve", dispatch), ("pay", "return 1 / 0")) == ["pay"]


def test_the_wrapper_of_a_decorator_does_not_hide_who_called_by_name() -> None:
    frames = [("view", "charge(order)"), ("wrapper", "return fn(*args, **kwargs)"), ("charge", "raise Declined()")]
    assert chain(*frames) == ["view", "charge"]


def test_a_short_name_in_a_distant_line_proves_nothing() -> None:
    frames = [("main", "app.run()"), ("loop", "return job(*args)"), ("run", "raise Stopped()")]
    assert chain(*frames) == ["run"]


def test_a_constructor_is_called_by_its_class() -> None:
    assert chain(("load", "Line(text)"), ("__init__", "int(text)")) == ["load", "__init__"]
    assert chain(("load", "make(text)"), ("__init__", "int(text)")) == ["__init__"]


def test_special_methods_are_called_without_their_name() -> None:
    assert chain(("total", "return sum(prices[0](1))"), ("__getitem__", "raise KeyError(1)")) == [
        "total",
        "__getitem__",
    ]


@pytest.mark.parametrize(
    ("platform", "function", "line"),
    [
        ("php", "App\\Cart::total", "$sum = $cart->total($rows);"),
        ("php", "App\\total", "return total($rows);"),
        ("go", "(*Cart).Total", "sum := cart.Total(rows)"),
        ("ruby", "charge!", "order.charge! amount"),
        ("elixir", "total/2", "sum = Cart.total(rows, 1)"),
        ("javascript", "Cart.total", "const sum = cart.total(rows);"),
    ],
)
def test_names_are_found_in_every_language(platform: str, function: str, line: str) -> None:
    assert len(chain(("checkout", line), (function, "x / 0"), platform=platform)) == 2


@pytest.mark.parametrize(
    ("platform", "line"),
    [
        ("ruby", "yield"),
        ("ruby", "block.call"),
        ("ruby", "handler.send(name)"),
        ("php", "return call_user_func_array($callable, $args);"),
        ("php", "return $next($request);"),
        ("javascript", "return handler(request);"),
        ("javascript", "const answer = await pending;"),
        ("go", "fn(ctx)"),
    ],
)
def test_dispatchers_are_known_in_every_language(platform: str, line: str) -> None:
    assert chain(("dispatch", line), ("total", "x / 0"), platform=platform) == ["total"]


def test_without_source_lines_nothing_is_left_out() -> None:
    assert chain(("main", ""), ("serve", ""), ("pay", "")) == ["main", "serve", "pay"]


def test_a_line_without_a_call_is_the_rest_of_a_longer_statement() -> None:
    assert chain(("checkout", "**options"), ("pay", "return 1 / 0")) == ["checkout", "pay"]


def test_a_nameless_function_belongs_to_the_function_it_stands_in() -> None:
    tokens = [
        token_of(Frame(module="shop.entry", function="run", context_line="return job()"), "python"),
        token_of(
            Frame(module="shop.rank", function="ranked", context_line="sorted(rows, key=lambda r: r.x)"), "python"
        ),
        token_of(
            Frame(module="shop.rank", function="<lambda>", context_line="sorted(rows, key=lambda r: r.x)"), "python"
        ),
    ]
    assert named_calls(tokens) == [1, 2]


def test_a_dispatcher_in_the_same_file_is_not_where_a_nameless_function_stands() -> None:
    tokens = [
        token_of(Frame(module="cases", function="main", context_line="withScope((scope) => burst(1))"), "node"),
        token_of(Frame(module="cases", function="withScope", context_line="return callback(scope);"), "node"),
        token_of(Frame(module="cases", function="<anonymous>", context_line="withScope((scope) => burst(1))"), "node"),
    ]
    assert named_calls(tokens) == [0, 2]


def test_no_frames_make_no_chain() -> None:
    assert named_calls([]) == []
