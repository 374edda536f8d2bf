"""Matchers that look at a value together decide as each would alone, whatever its pattern."""

from hypothesis import given
from hypothesis import strategies as st

from grouping.rules.index import MatcherIndex, all_of
from grouping.rules.matchers import CASELESS_KEYS, PATH_KEYS, Matcher
from grouping.rules.syntax import compile_glob

KEYS = ("function", "module", "path", "value", "message")
LETTERS = "abAB/\\.-_ iıİsſkKéÉßŻ0"
VALUES = st.text(LETTERS, max_size=12)
GLOBS = st.text(LETTERS + "**??[]!", min_size=1, max_size=8) | st.tuples(VALUES, VALUES).map("*".join)
MATCHERS = st.lists(st.builds(Matcher, st.sampled_from(KEYS), GLOBS, st.booleans()), max_size=12)
SUBJECTS = st.lists(st.fixed_dictionaries(dict.fromkeys(KEYS, VALUES)), max_size=6)


def accepts(matcher: Matcher, value: str) -> bool:
    """One matcher and one value: the whole value fits the glob, a path also from a slash on."""
    is_path = matcher.key in PATH_KEYS
    pattern = compile_glob(matcher.glob, path=is_path, ignore_case=matcher.key in CASELESS_KEYS)
    plain = value.replace("\\", "/") if is_path else value
    rooted = is_path and not plain.startswith("/") and pattern.match(f"/{plain}")
    return bool(pattern.match(plain) or rooted) != matcher.negated


@given(MATCHERS, SUBJECTS)
def test_together_they_accept_what_each_accepts_alone(matchers: list[Matcher], subjects: list[dict[str, str]]) -> None:
    index = MatcherIndex()
    numbers = [index.numbers([matcher])[0] for matcher in matchers]
    index.close()
    rows = index.rows([subject.items() for subject in subjects])
    for matcher, number in zip(matchers, numbers, strict=True):
        alone = [accepts(matcher, subject[matcher.key]) for subject in subjects]
        assert [bool(rows[number] >> place & 1) for place in range(len(subjects))] == alone


@given(MATCHERS, SUBJECTS)
def test_a_rule_fits_what_all_its_matchers_accept(matchers: list[Matcher], subjects: list[dict[str, str]]) -> None:
    index = MatcherIndex()
    numbers = index.numbers(matchers)
    index.close()
    fitting = all_of(index.rows([subject.items() for subject in subjects]), numbers, (1 << len(subjects)) - 1)
    alone = [all(accepts(matcher, subject[matcher.key]) for matcher in matchers) for subject in subjects]
    assert [bool(fitting >> place & 1) for place in range(len(subjects))] == alone
