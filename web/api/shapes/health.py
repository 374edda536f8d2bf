"""How a release does, in the words of Sentry's release health."""

from collections.abc import Sequence

from tracker.releases.health import Health
from tracker.stats import Point
from web.api.shapes.common import Shape


def health_shape(health: Health, series: Sequence[Point]) -> Shape:
    """Shares are per cent, as Sentry has them; `stats` are events by hour."""
    return {
        "hasHealthData": bool(health.sessions or health.users),
        "totalSessions": health.sessions,
        "totalSessions24h": health.sessions,
        "totalProjectSessions24h": health.project_sessions,
        "sessionsErrored": health.errored,
        "sessionsCrashed": health.crashed,
        "crashFreeSessions": _percent(health.crash_free_sessions),
        "sessionsAdoption": _percent(health.session_share),
        "totalUsers": health.users,
        "totalUsers24h": health.users,
        "totalProjectUsers24h": health.project_users,
        "crashFreeUsers": _percent(health.crash_free_users),
        "adoption": _percent(health.user_share),
        "eventsAdoption": _percent(health.event_share),
        "areUsersExact": health.are_users_exact,
        "durationP50": None,
        "durationP90": None,
        "stats": {"24h": [[int(point.at.timestamp()), point.events] for point in series]},
    }


def _percent(share: float | None) -> float | None:
    return None if share is None else round(share * 100, 4)
