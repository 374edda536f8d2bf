"""Which evidence speaks: exception, stack, thread, template, security report, message."""

import re
from collections.abc import Callable, Hashable, Sequence

from grouping.catalogue import canonical_message
from grouping.event import Event, Frame, Stacktrace
from grouping.evidence import Cause, Evidence, low_texts, security_texts, template_texts
from grouping.exceptions import is_generic, is_location_independent, is_overflow, read_chain, type_name
from grouping.keys import raw_positions
from grouping.messages import message_template
from grouping.stacks import Selection, select_frames
from grouping.verdict import StackVerdict

Verdicts = Callable[[int, Sequence[Frame]], StackVerdict]
"""What the project's stack-trace rules say of the stack of the exception at a position (-1: the event's own stack)."""

SYSTEM_FRAMES = 5
DISTINCTIVE_WORDS = 3
_RAISES_WHAT_IT_WAS_HANDED = re.compile(r"(?:raise|throw)\b[^'\"`]*$")
"""A line without a text of its own: what it raises came from elsewhere."""
LINE_PLATFORMS = frozenset({"python", "javascript", "node", "php", "ruby"})


def find_evidence(event: Event, verdicts: Verdicts) -> Evidence:
    """The first kind of evidence that the event has."""
    if event.exceptions:
        return _exception_evidence(event, verdicts)
    for kind, stacktrace in (("thr", _thread_stack(event)), ("stk", event.stacktrace)):
        if stacktrace and stacktrace.frames:
            evidence = _bare_stack_evidence(event, kind, stacktrace, verdicts(-1, stacktrace.frames))
            if evidence.case != "C6":
                return evidence
    if event.template:
        return Evidence("tpl", texts=template_texts(event.template))
    if event.csp:
        return Evidence("sec", texts=security_texts(event.type, event.csp))
    return _message_evidence(event)


def all_in_app_unknown(event: Event) -> bool:
    """Whether no frame of the event says if it is in-app: then whatever is no library's is the user's."""
    stacks = [exception.stacktrace for exception in event.exceptions]
    stacks += [thread.stacktrace for thread in event.threads]
    stacks.append(event.stacktrace)
    return all(frame.in_app is None for stack in stacks if stack for frame in stack.frames)


def _thread_stack(event: Event) -> Stacktrace | None:
    """The stack of the one thread that is meant: the crashed, else the current, else the only one."""
    with_frames = [thread for thread in event.threads if thread.stacktrace and thread.stacktrace.frames]
    for meant in ([t for t in with_frames if t.crashed], [t for t in with_frames if t.current], with_frames):
        if len(meant) == 1:
            return meant[0].stacktrace
    return None


def _message_evidence(event: Event, value: str = "") -> Evidence:
    """The message alone; `value` is that of an exception that the SDK made up to carry a message."""
    text = event.message_template or event.message or value
    template = message_template(canonical_message(text, event.platform), strong=False)
    if not template:
        return Evidence("low", case="C6", texts=low_texts(event))
    words = template.split()
    language = language_of(event.platform)
    base = [language, event.logger, str(len(words)), *words[:2]]
    return Evidence("msg", message=template, message_raw=text, language=language, base_texts=base)


def _bare_stack_evidence(event: Event, kind: str, stacktrace: Stacktrace, verdict: StackVerdict) -> Evidence:
    """A stack without an exception, as `attach_stacktrace` sends it with a message."""
    selection = select_frames(stacktrace, event.platform, all_unknown=all_in_app_unknown(event), verdict=verdict)
    evidence = Evidence(kind, selection=selection)
    text = event.message_template or event.message
    _weigh(evidence, event, text, vague=bool(text))
    evidence.message_alone, evidence.language = _distinctive_template(event, ""), language_of(event.platform)
    return evidence


def language_of(platform: str) -> str:
    """The platform, where the server's and the browser's JavaScript are one: programs are built for both."""
    return "javascript" if platform == "node" else platform


def _distinctive_template(event: Event, value: str) -> str:
    """The template of a message that came with a stack, if it has words enough to be known by them alone."""
    text = canonical_message(event.message_template or event.message or value, event.platform)
    template = message_template(text, strong=False)
    words = [word for word in template.split() if not word.startswith(("<", "%")) and word.isalpha()]
    return template if len(words) >= DISTINCTIVE_WORDS else ""


def _exception_evidence(event: Event, verdicts: Verdicts) -> Evidence:
    exceptions = event.exceptions
    selections: dict[int, Selection] = {}
    unknown = all_in_app_unknown(event)

    def selection_at(index: int) -> Selection:
        if index not in selections:
            stack = stack_of(event, index)
            overflow = is_overflow(exceptions[index])
            selections[index] = select_frames(
                stack, event.platform, all_unknown=unknown, overflow=overflow, verdict=verdicts(index, stack.frames)
            )
        return selections[index]

    def identity(index: int) -> Hashable:
        exception = exceptions[index]
        places = tuple(token.place for token in selection_at(index).app)
        return exception.type, places, message_template(exception.value, strong=True)

    chain = read_chain(exceptions, identity)
    main = exceptions[chain.main]
    evidence = Evidence("exc", main=chain.main, skipped=chain.skipped, type=type_name(main, event.platform))
    if is_location_independent(main):
        evidence.case, evidence.texts = "C0", [event.transaction]
        return evidence
    evidence.selection = selection_at(chain.main)
    evidence.causes = [
        Cause(type_name(exceptions[index], event.platform), selection_at(index).crash, bool(selection_at(index).app))
        for index in chain.causes
    ]
    evidence.raw_positions = raw_positions(event, stack_of(event, chain.main).frames, evidence.selection)
    vague = not evidence.type or is_generic(main)
    _weigh(evidence, event, main.value or ("" if main.type else event.message), vague=vague)
    if not evidence.type:
        evidence.message_alone, evidence.language = (
            _distinctive_template(event, main.value),
            language_of(event.platform),
        )
    if evidence.case == "C5" and not evidence.type:
        return _message_evidence(event, main.value)
    return evidence


def stack_of(event: Event, index: int) -> Stacktrace:
    """The stack of the exception at a position; failing that, or at -1, that of the crashed thread or event."""
    if index >= 0:
        own = event.exceptions[index].stacktrace
        if own and own.frames:
            return own
        if index != len(event.exceptions) - 1:
            return Stacktrace()
    return _thread_stack(event) or event.stacktrace or Stacktrace()


def _weigh(evidence: Evidence, event: Event, text: str, *, vague: bool) -> None:
    """Decide by how much the stack says what else has to speak: cases C1 to C6."""
    selection = evidence.selection
    own = [token for token in selection.app if token.usable] if not selection.minified else []
    nearest = selection.system[-SYSTEM_FRAMES:] if not selection.minified else []
    usable = [token for token in nearest if token.usable]
    evidence.message_raw = text
    text = canonical_message(text, event.platform)
    if own:
        evidence.frames = selection.app
        crash = selection.app[-1]
        lines_count = event.platform in LINE_PLATFORMS or crash.nameless
        evidence.crash_line = bool(crash.line) and lines_count and not selection.overflow
        told = evidence.crash_line and not _RAISES_WHAT_IT_WAS_HANDED.match(crash.line)
        enough = len(own) > 1 or told or selection.overflow
        evidence.case = "C1" if enough and not vague else "C2"
    elif usable:
        evidence.frames = nearest
        evidence.case = "C3" if len(usable) >= 3 and not vague else "C4"
    else:
        evidence.case = "C5" if text or evidence.type else "C6"
    if evidence.case in {"C2", "C4", "C5"}:
        evidence.message_strong = evidence.case != "C5"
        evidence.message = message_template(text, strong=evidence.message_strong)
    if evidence.case == "C5" and selection.crash and not selection.crash.minified:
        evidence.texts = [selection.crash.location]
    if evidence.case == "C6":
        evidence.kind, evidence.texts = "low", low_texts(event)
