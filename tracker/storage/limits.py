"""How long the database may be kept busy, by what kind of process. Pure.

PostgreSQL gets the limits when a connection begins and holds to them by itself, so also where the client's machine is
gone: its transaction is ended, and its locks are free, within seconds.
"""

from dataclasses import dataclass

LOST_AFTER_SECONDS = 8
"""A machine of which nothing is heard for as long is lost."""


@dataclass(slots=True, frozen=True)
class Limits:
    """Seconds; 0 is no limit."""

    statement: int
    lock: int
    idle_in_transaction: int

    @property
    def session_options(self) -> str:
        """As PostgreSQL takes them with a new connection."""
        values = {
            "statement_timeout": self.statement * 1000,
            "lock_timeout": self.lock * 1000,
            "idle_in_transaction_session_timeout": self.idle_in_transaction * 1000,
            "tcp_keepalives_idle": LOST_AFTER_SECONDS // 2,
            "tcp_keepalives_interval": 1,
            "tcp_keepalives_count": LOST_AFTER_SECONDS // 2,
            "tcp_user_timeout": LOST_AFTER_SECONDS * 1000,
        }
        return " ".join(f"-c {name}={value}" for name, value in values.items())


COMMANDS = Limits(statement=0, lock=0, idle_in_transaction=300)
"""Migrations and other commands, each as long as it takes."""
PAGES = Limits(statement=10, lock=0, idle_in_transaction=LOST_AFTER_SECONDS)
WORK = Limits(statement=120, lock=15, idle_in_transaction=LOST_AFTER_SECONDS)
"""The digest, and what is done in time slices; a lost machine's locks are free before a lock is given up."""
