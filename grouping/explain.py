"""Why these events are one issue, or two: reason codes as sentences, and the first difference in words."""

from collections.abc import Iterator, Mapping

from grouping.components import Component
from grouping.group import Grouping

REASONS: Mapping[str, str] = {
    # how much the stack says
    "C0": "This error strikes wherever the program happens to be, so only its type and the transaction count.",
    "C1": "The type and the application's frames say enough.",
    "C2": "The stack or the type alone says too little, so the message counts as well.",
    "C3": "No frame of the application is usable; the innermost frames of libraries stand in.",
    "C4": "Only one or two frames of libraries are usable, so the message counts as well.",
    "C5": "No frame is usable; type and message stand in.",
    "C6": "Neither type, message nor frame: only where the event came from counts.",
    "evidence-msg": "There is no stack; the message template counts.",
    "evidence-tpl": "A template error: file and source line count.",
    "evidence-sec": "A security report: what was violated and what was blocked count.",
    "evidence-cs": "The client sent a checksum.",
    "fingerprint-client": "The client sent a fingerprint.",
    "fingerprint-rule": "A fingerprint rule of the project matched.",
    "rule": "A stack-trace rule of the project says so.",
    "cause": "An explicit cause of the error: its type and where it crashed count.",
    "type-cleaned": "What a tool generated in the type's name was taken off.",
    "type-unusable": "The type is made up, minified or missing.",
    "message-strong": "Quoted values and paths were masked besides numbers and ids.",
    "message-needless": "The stack says enough without the message.",
    "line-elsewhere": "Source lines count at the crash alone.",
    "stack-unusable": "The stack as a whole says too little for this frame to count.",
    "not-in-app": "Not the application's code.",
    "beyond-dispatch": "A dispatcher: it calls whatever it was handed, or stands beyond one that does.",
    "beyond-innermost": "Only the innermost frames of the application count.",
    "beyond-limit": "The stack is too deep to look at every frame.",
    "beyond-causes": "Only the five outermost causes count.",
    "group": "Part of an exception group that another member already speaks for.",
    # all platforms
    "G3": "The last parts of the path name the file.",
    "G4": "`__main__` is wherever the program was started; the file counts.",
    "G8": "Neither a place, a function nor a source line.",
    "G9": "Recursion: repeated turns count once.",
    "G10": "A stack overflow: only the functions that call each other count.",
    "G12": "Code of an error tracker or profiler.",
    # Python
    "P2": "A comprehension is part of the function around it.",
    "P3": "Generated code or a notebook cell: its name changes from run to run.",
    "P4": "The start of a worker process.",
    "P6": "Framework code around the application's functions.",
    "P7": "An error that merely happened before, not the cause.",
    # JavaScript
    "J1": "The function's own name without what the engine put around it.",
    "J2": "Not code: the engine's own frame.",
    "J3": "Host, port and query of an address never count.",
    "J4": "Not a script file: the address names a page or generated code.",
    "J5": "A hash of the content was taken out of the file's name.",
    "J8": "A mapped frame is known by its source line; browsers name functions differently.",
    "J9": "Minified: names and lines mean nothing without a source map.",
    "J10": "Generated code of transpilers and promises.",
    # JVM
    "V1": "A generated proxy stands for its class.",
    "V2": "Reflection: changes with the version of Java.",
    "V3": "A dynamic proxy without its number.",
    "V4": "The object behind a lambda; the lambda's own method speaks for it.",
    "V5": "A lambda, bridge or coroutine counts under the function it was written in.",
    "V6": "An anonymous class counts as the class around it.",
    "V7": "The number that the compiler gave was taken off.",
    "V9": "The base of every thread.",
    "V10": "Obfuscated, and no mapping file is there.",
    "V11": "This exception only carries the next one.",
    # the others
    "N1": "A generated method counts under the method it was written in.",
    "N2": "Runtime code of tasks and rethrown exceptions.",
    "R1": "The number of a compiled view was taken off.",
    "R2": "A block counts under the method it was written in.",
    "R3": "The method without its class, as older versions of Ruby write it.",
    "R4": "Code from a string.",
    "H1": "An anonymous class or function counts under the method it was written in.",
    "H2": "A compiled view or generated class without its hash.",
    "H3": "Code from a string.",
    "O2": "A function literal counts under the function it was written in.",
    "O3": "The runtime's own way through a panic.",
    "U1": "Hashes and the runtime's own frames were taken out.",
    "W1": "A closure, block or thunk counts under the function it was written in.",
    "W2": "How an exception is thrown says nothing of why.",
    "D1": "An anonymous function counts under the function it was written in.",
    "E1": "An anonymous function counts under the function it was written in, with its arity.",
    "X1": "What the compiler generated was taken off.",
    "X2": "The library's base name; addresses and offsets never count.",
}

_NAMES: Mapping[str, str] = {"line": "source line", "text": "part", "msg": "message", "exc": "exception"}


def sentence_for(reason: str) -> str:
    """The sentences for a component's reason, which may be several codes between spaces; empty for no reason."""
    return " ".join(REASONS.get(code, code) for code in reason.split())


def first_difference(a: Grouping, b: Grouping) -> str:
    """Where two explained groupings part, in words; both have to be made with `explain=True`."""
    if {(key.kind, key.digest) for key in a.keys} & {(key.kind, key.digest) for key in b.keys}:
        return "no difference: they share a key"
    if a.keys[0].kind != b.keys[0].kind:
        return f"first difference: what speaks, {_quoted(a.keys[0].kind)} / {_quoted(b.keys[0].kind)}"
    left, right = list(_speaking(a)), list(_speaking(b))
    for (name, value), (other_name, other_value) in zip(left, right, strict=False):
        if name != other_name:
            return f"first difference: {name} / {other_name}"
        if value != other_value:
            return f"first difference: {name}, {' / '.join(map(_quoted, _differing(value, other_value)))}"
    if len(left) != len(right):
        name, value = max(left, right, key=len)[min(len(left), len(right))]
        return f"first difference: {name}, {_quoted(value)} / nothing"
    return "no difference in what speaks; their rules or configurations differ"


def _speaking(grouping: Grouping) -> Iterator[tuple[str, str]]:
    """What contributed, named and in order; frames are counted from the crash."""
    for component in grouping.components:
        yield from _parts_of(component)


def _parts_of(component: Component) -> Iterator[tuple[str, str]]:
    if component.id == "stack":
        frames = [child for child in component.children if child.contributes]
        for number, frame in enumerate(reversed(frames), start=1):
            yield f"frame {number}", frame.value
            for child in frame.children:
                if child.contributes and child.id == "line":
                    yield f"source line of frame {number}", child.value
        return
    if component.id == "message":
        yield "message", component.value
        return
    if not component.children and component.contributes and component.id != "rule":
        yield _NAMES.get(component.id, component.id), component.value
    for child in component.children:
        if child.contributes:
            yield from _parts_of(child)


def _differing(value: str, other: str) -> tuple[str, str]:
    """Of two frames in one file, the functions alone."""
    place, _, function = value.partition(" · ")
    other_place, _, other_function = other.partition(" · ")
    return (function, other_function) if function and other_function and place == other_place else (value, other)


def _quoted(value: str) -> str:
    return f"`{value}`"
