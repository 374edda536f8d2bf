"""What other people met with "resolved in release", each under the number of its thread, told with our rule."""

from datetime import UTC, datetime, timedelta

from tracker.issues.resolution import Kind, ReleaseKnowledge, Resolution, Verdict, judge
from tracker.versions import KnownRelease

RESOLVED_AT = datetime(2026, 11, 21, 12, tzinfo=UTC)
NOW = RESOLVED_AT + timedelta(hours=1)


def seen(version: str, hours: float) -> KnownRelease:
    """A release first seen so many hours after (or, negative, before) the issue was resolved."""
    return KnownRelease(version, None, RESOLVED_AT + timedelta(hours=hours))


def verdict(resolution: Resolution, release: str, *known: KnownRelease, at: datetime = NOW) -> Verdict:
    return judge(resolution, release, at, ReleaseKnowledge({found.version: found for found in known})).verdict


def fixed_in(*versions: str) -> Resolution:
    return Resolution(Kind.IN_RELEASE, RESOLVED_AT, versions=versions)


def test_44881_an_old_release_does_not_reopen_what_is_fixed_in_the_next_one() -> None:
    newest = seen("web@a", -5)
    resolution = Resolution(Kind.IN_NEXT_RELEASE, RESOLVED_AT, newest=newest)
    assert verdict(resolution, "web@a", newest) is Verdict.NOT_COVERED
    assert verdict(resolution, "web@0", newest, seen("web@0", -500)) is Verdict.NOT_COVERED
    assert verdict(resolution, "web@b", newest, seen("web@b", 0.5)) is Verdict.REGRESSION


def test_52078_events_of_the_releases_before_do_not_reopen_what_is_fixed_in_this_one() -> None:
    known = [seen("2.18.2", -1), seen("2.18.1", -100), seen("2.17.0", 0.5)]
    assert verdict(fixed_in("2.18.2"), "2.18.1", *known) is Verdict.NOT_COVERED
    assert verdict(fixed_in("2.18.2"), "2.17.0", *known) is Verdict.NOT_COVERED
    assert verdict(fixed_in("2.18.2"), "2.18.2", *known) is Verdict.REGRESSION


def test_105041_an_older_release_does_not_reopen_though_names_of_another_form_came_between() -> None:
    known = [seen("9.66.3", -50), seen("hotfix-december", -20), seen("9.66.2", 0.5)]
    assert verdict(fixed_in("9.66.3"), "9.66.2", *known) is Verdict.NOT_COVERED
    assert verdict(fixed_in("9.66.3"), "9.66.4", *known) is Verdict.REGRESSION


def test_104751_deleting_the_release_changes_nothing() -> None:
    assert verdict(fixed_in("shop@1.4.2"), "shop@1.4.1", seen("shop@1.4.1", -9)) is Verdict.NOT_COVERED
    assert verdict(fixed_in("shop@1.4.2"), "shop@1.4.3", seen("shop@1.4.3", 0.5)) is Verdict.REGRESSION


def test_88976_bare_versions_without_a_package_are_understood() -> None:
    newest = seen("5.36.2", -1)
    resolution = Resolution(Kind.IN_NEXT_RELEASE, RESOLVED_AT, newest=newest)
    assert verdict(resolution, "5.36.1", newest, seen("5.36.1", 0.5)) is Verdict.NOT_COVERED
    assert verdict(resolution, "5.36.3", newest, seen("5.36.3", 0.5)) is Verdict.REGRESSION


def test_89191_a_v_before_the_version_does_not_make_dates_decide() -> None:
    known = [seen("umhcore@v0.44.12", -9), seen("umhcore@v0.44.8", 0.5)]
    assert verdict(fixed_in("umhcore@v0.44.12"), "umhcore@v0.44.8", *known) is Verdict.NOT_COVERED
    assert verdict(fixed_in("umhcore@0.44.12"), "umhcore@v0.44.13", *known) is Verdict.REGRESSION


def test_103746_build_numbers_are_numbers_and_other_builds_are_equal() -> None:
    assert verdict(fixed_in("1.0.0+2"), "1.0.0+1") is Verdict.NOT_COVERED
    assert verdict(fixed_in("1.0.0+9"), "1.0.0+10") is Verdict.REGRESSION
    resolution = Resolution(Kind.IN_NEXT_RELEASE, RESOLVED_AT, newest=seen("1.0.0+git.aaa", -1))
    assert verdict(resolution, "1.0.0+git.bbb", seen("1.0.0+git.bbb", 0.5)) is Verdict.NOT_COVERED


def test_111393_the_scheme_does_not_flip_with_the_last_few_releases() -> None:
    hashes = [seen(f"{number:07x}", -number) for number in range(0xA, 0x1E)]
    newest = seen("2.0.0", -90)
    resolution = Resolution(Kind.IN_NEXT_RELEASE, RESOLVED_AT, newest=newest)
    assert verdict(resolution, "1.9.9", newest, *hashes) is Verdict.NOT_COVERED
    assert verdict(resolution, "1.9.10", newest, *hashes, seen("1.9.10", 0.5)) is Verdict.NOT_COVERED
    assert verdict(resolution, "2.0.1", newest, *hashes, seen("2.0.1", 0.5)) is Verdict.REGRESSION


def test_43598_fixed_until_the_next_minor_or_by_a_range() -> None:
    newest = seen("2.0.0", -1)
    minor = Resolution(Kind.IN_NEXT_MINOR, RESOLVED_AT, newest=newest)
    major = Resolution(Kind.IN_NEXT_MAJOR, RESOLVED_AT, newest=newest)
    beyond = Resolution(Kind.IN_RANGE, RESOLVED_AT, newest=newest, range="> ^2.1.0")
    patch, next_minor, next_major = "2.0.7", "2.1.0", "3.0.0"
    judged = [[verdict(how, release) for release in (patch, next_minor, next_major)] for how in (minor, major, beyond)]
    no, yes = Verdict.NOT_COVERED, Verdict.REGRESSION
    assert judged == [[no, yes, yes], [no, no, yes], [no, no, yes]]


def test_99093_a_hotfix_of_an_old_line_does_not_reopen() -> None:
    known = [seen("10.24.0", -200), seen("10.18.7", 0.5)]
    assert verdict(fixed_in("10.24.0"), "10.18.7", *known) is Verdict.NOT_COVERED


def test_9771_a_backport_that_has_the_fix_is_named_beside_the_release() -> None:
    both = fixed_in("8.0.1", "8.1.0")
    assert verdict(both, "8.0.0") is Verdict.NOT_COVERED
    assert verdict(both, "8.0.1") is Verdict.REGRESSION
    assert verdict(both, "8.0.2") is Verdict.REGRESSION


def test_69937_the_next_release_is_after_the_newest_of_all_and_not_after_the_issues_own() -> None:
    releases = [seen(f"{number}.0", -10 + number) for number in range(1, 6)]
    resolution = Resolution(Kind.IN_NEXT_RELEASE, RESOLVED_AT, newest=releases[-1])
    assert verdict(resolution, "5.0", *releases) is Verdict.NOT_COVERED
    assert verdict(resolution, "5.1", *releases) is Verdict.REGRESSION


def test_34545_what_was_fixed_by_a_commit_comes_back_when_it_fails_again() -> None:
    resolution = Resolution(Kind.IN_COMMIT, RESOLVED_AT, commit="8f4b2c1d9e")
    first = seen("1.4.2", 0.5)
    with_commit = ReleaseKnowledge({"1.4.2": first}, (first,))
    assert judge(resolution, "1.4.1", NOW, with_commit).verdict is Verdict.NOT_COVERED
    assert judge(resolution, "1.4.2", NOW, with_commit).verdict is Verdict.REGRESSION


def test_phones_deliver_late_so_time_means_when_it_happened() -> None:
    resolution = Resolution(Kind.NOW, RESOLVED_AT)
    assert verdict(resolution, "1.0", at=RESOLVED_AT - timedelta(minutes=1)) is Verdict.STILL_FIXED
    assert verdict(resolution, "1.0", at=RESOLVED_AT) is Verdict.STILL_FIXED
    assert verdict(resolution, "1.0", at=RESOLVED_AT + timedelta(seconds=1)) is Verdict.REGRESSION
