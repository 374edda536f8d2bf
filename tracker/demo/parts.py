"""Short ways to write the tables: frames, exceptions, and the usual breadcrumbs."""

from typing import Any

from tracker.demo.scenario import Crumb, Frame, Stack, Thrown


def own(file: str, function: str, line: str | int, module: str = "", /, **variables: str) -> Frame:
    """A frame of the application's own code."""
    return Frame(file, function, line, module, variables=variables)


def lib(file: str, function: str, line: int, source: str = "", module: str = "") -> Frame:
    """A frame of a library, with the text of its line where the SDK sends it."""
    return Frame(file, function, line, module, own=False, source=source)


def unhandled(mechanism: str, type_: str, value: str, stack: Stack, module: str = "") -> Thrown:
    """An exception that nobody caught but the SDK's integration."""
    return Thrown(type_, value, stack, module, mechanism, handled=False)


def query(sql: str, pause: float = 0.02) -> Crumb:
    """A statement for the database."""
    return Crumb("query", sql, pause=pause)


def log(logger: str, message: str, level: str = "info", pause: float = 0.1) -> Crumb:
    """A line in the log."""
    return Crumb(logger, message, level, "log", pause=pause)


def http(method: str, url: str, status: int, category: str = "httplib", pause: float = 0.2) -> Crumb:
    """A request that the application made itself."""
    data: dict[str, Any] = {"url": url, "method": method, "status_code": status}
    level = "info" if status < 400 else "warning" if status < 500 else "error"
    return Crumb(category, "", level, "http", data, pause)


def fetch(method: str, url: str, status: int, pause: float = 0.3) -> Crumb:
    """A request that a page made."""
    return http(method, url, status, "fetch", pause)


def click(selector: str, pause: float = 2.5) -> Crumb:
    """Somebody pressed something on a page."""
    return Crumb("ui.click", selector, pause=pause)


def navigate(before: str, after: str, pause: float = 4.0) -> Crumb:
    """Somebody went from one page to another."""
    return Crumb("navigation", "", "info", "navigation", {"from": before, "to": after}, pause)


def screen(name: str, state: str = "resumed", pause: float = 3.0) -> Crumb:
    """A screen of a phone's app."""
    return Crumb("ui.lifecycle", "", "info", "navigation", {"screen": name, "state": state}, pause)
