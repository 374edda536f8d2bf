"""What people and pipelines do in the demo, by the domain's own functions, which are told when it is."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha1

from tracker.demo.occurrences import SCALE_EVENTS, Draw
from tracker.demo.organization import Company
from tracker.demo.people import BY_NAME
from tracker.demo.plan import Act, Deploy, Publish
from tracker.demo.scenario import Archive, Assign, Merge, Release, Resolve, Say
from tracker.issues import actions
from tracker.issues.comments import comment_on
from tracker.issues.merge import followed
from tracker.issues.status import ArchiveFor
from tracker.models import Event, Issue, User
from tracker.models import Release as ReleaseRow
from tracker.releases import registry
from tracker.releases.commits import CommitInput, set_commits

_NAMED_FAULT = re.compile(r"\{([\w.-]+)\}")
HOUR = timedelta(hours=1)
BETWEEN_COMMITS = timedelta(hours=7)


def needs_issues(step: object) -> bool:
    """Must the events before the step be digested, so that their issues are there?"""
    if isinstance(step, Publish):
        return any(_NAMED_FAULT.search(commit.message) for commit in step.release.commits)
    return isinstance(step, Act)


@dataclass(frozen=True, slots=True)
class Performer:
    """Performs the steps that are not events."""

    company: Company
    draw: Draw
    first_events: Mapping[str, str]
    """The id of the first event of each fault."""

    def publish(self, step: Publish) -> None:
        """Make the release and bring it to staging."""
        releases = registry.create_release(
            [self.company.projects[step.app.slug]],
            step.release.version,
            now=step.at,
            url=f"https://git.tidewater.example/{step.app.slug}/releases/{_short(step.release)}",
            started_at=step.at - HOUR,
        )
        set_commits(releases, self._commits(step), now=step.at)
        self._deploy(releases[0], step, "staging")

    def deploy(self, step: Deploy) -> None:
        """Bring the release to production."""
        release = ReleaseRow.objects.select_related("project").get(
            project=self.company.projects[step.app.slug], version=step.release.version
        )
        registry.finalize([release], now=step.at)
        self._deploy(release, step, "production")

    def _deploy(self, release: ReleaseRow, step: Publish | Deploy, environment: str) -> None:
        author = step.release.commits[0].author if step.release.commits else ""
        by = self.company.users.get(author)
        registry.deploy(
            release, environment, now=step.at, by=by, started_at=step.at - timedelta(minutes=4), finished_at=step.at
        )

    def _commits(self, step: Publish) -> list[CommitInput]:
        """The newest first."""
        return [
            CommitInput(
                sha=_sha(step.release, place),
                repository=f"tidewater/{step.app.slug}",
                author_name=commit.author,
                author_email=BY_NAME[commit.author].email,
                message=_NAMED_FAULT.sub(lambda found: self._issue(found[1]).short_id, commit.message),
                committed_at=step.at - HOUR * 2 - place * BETWEEN_COMMITS,
                files=commit.files,
            )
            for place, commit in enumerate(step.release.commits)
        ]

    def act(self, step: Act) -> None:
        """Do to an issue what the table says. Raises DomainError where that cannot be."""
        action, now = step.action, step.at
        issue, by = self._issue(action.fault), self.company.users[action.by]
        match action:
            case Assign():
                actions.assign([issue], self.company.users[action.to], by=by, now=now)
            case Say():
                comment_on([issue], action.text, by=by, now=now)
            case Resolve():
                actions.resolve([issue], action.how, by=by, now=now)
            case Archive():
                self._archive(issue, action, step, by)
            case Merge():
                actions.merge([self._issue(fault) for fault in action.others], issue, by=by, now=now)

    def _archive(self, issue: Issue, action: Archive, step: Act, by: User) -> None:
        until = self.draw.clock.at(action.ago - action.days) if action.days else None
        how = ArchiveFor(until, self._scaled(action.events) or None, self._scaled(action.users) or None)
        actions.archive([issue], how, by=by, now=step.at)

    def _scaled(self, count: int) -> int:
        return max(2, round(count * self.draw.events / SCALE_EVENTS)) if count else 0

    def _issue(self, fault: str) -> Issue:
        project = self.company.projects[fault.partition(".")[0]]
        event = Event.objects.get(project=project, event_id=bytes.fromhex(self.first_events[fault]))
        return followed(Issue.objects.select_related("project", "last_release").get(pk=event.issue_id))


def _sha(release: Release, place: int) -> str:
    """The newest commit of a release that is named by a commit is that one."""
    if place == 0 and len(release.version) == 40:
        return release.version
    return sha1(f"{release.version}/{place}".encode(), usedforsecurity=False).hexdigest()


def _short(release: Release) -> str:
    version = release.version.rpartition("@")[2]
    return version[:12] if len(version) == 40 else version
