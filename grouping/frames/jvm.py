"""Java, Kotlin, Scala, Clojure, Groovy, Android: proxies, lambdas, reflection (V1 to V10)."""

import re

from grouping.frames.common import (
    LAMBDA,
    UNUSABLE_FUNCTIONS,
    location_of_path,
    nameless,
    start_of_digits,
    usable_module,
)
from grouping.frames.site import Draft, Site

_PROXY = re.compile(
    r"\$\$(?:EnhancerBy\w+|SpringCGLIB|FastClassBy\w+)\$\$.*$|\$EnhancerBy\w+\$.*$|\$\$FastClassBy.*$"
    r"|\$HibernateProxy(?:\$\w*)?$|_\$\$_(?:javassist|jvst)\w*$|\$ByteBuddy\$\w+$|\$(?:Mockito)?Mock\$\w+$"
    r"|\$\$_WeldClientProxy$|_ClientProxy$|_Subclass\d*$|\$MockitoMock\$\d+$"
)
_REFLECTION = re.compile(
    r"^(?:sun\.reflect|jdk\.internal\.reflect|java\.lang\.reflect|java\.lang\.invoke)\."
    r"(?:Generated\w+Accessor\d+|DirectMethodHandleAccessor|NativeMethodAccessorImpl|DelegatingMethodAccessorImpl"
    r"|Method|Constructor|MethodHandle|LambdaForm)\b"
)
_DYNAMIC_PROXY = re.compile(r"^(?:com\.sun\.proxy|jdk\.proxy\d+)\.\$Proxy\d+$|^\$Proxy\d+$")
_LAMBDA_CLASS = re.compile(
    r"\$\$Lambda(?:[$/].*)?$|\$\$ExternalSynthetic\w+$|^-\$\$Lambda\$|LambdaForm\$\w+|\$r8\$lambda\$"
)
_LAMBDA_METHOD = "lambda$"
_WORD = re.compile(r"\w+")
_SCALA_ANONYMOUS = re.compile(r"^\$?anonfun\$(.*?)\$\d+.*$|^\$anonfun\$(\w+)$|^liftedTree\d+\$\d+$")
_ACCESS = re.compile(r"^(?:access\$\d+|access\$(\w+)(?:\$\w+)?|(\w+)\$default)$")
_CLOJURE_FN = re.compile(r"\$fn__\d+|__\d+(?=$|\$)|\$eval\d+|\$reify__\d+")
_GROOVY_CLOSURE = re.compile(r"_closure\d+")
_GROOVY_SCRIPT = re.compile(r"script(?=\d\w*+$)")
_GROOVY_RUN = re.compile(r"\$_run_closure\d")
_CALLED_ON_LAMBDA = frozenset(
    {"invoke", "run", "apply", "accept", "call", "get", "test", "emit", "doCall", "compare", "execute"}
)

_LIBRARY = re.compile(
    r"^(?:javax?|jdk|sun|com\.sun|kotlinx?|scala|groovy|org\.codehaus\.groovy|clojure|jakarta|android|androidx|dalvik"
    r"|org\.springframework|org\.apache|org\.hibernate|org\.eclipse|org\.jboss|org\.junit|io\.netty|io\.ktor|io\.undertow"
    r"|io\.micronaut|io\.quarkus|io\.reactivex|reactor|com\.fasterxml|com\.google\.(?:android|common|gson|firebase)|com\.android"
    r"|com\.squareup|okhttp3|okio|retrofit2|org\.postgresql|com\.mysql|com\.zaxxer|akka|play|rx|libcore)\."
)
_BASES = re.compile(
    r"^java\.lang\.Thread\.run(?:With)?$|^java\.util\.concurrent\.ThreadPoolExecutor(?:\$Worker)?\.(?:runWorker|run)$"
    r"|^android\.os\.(?:Looper\.loop(?:Once)?|Handler\.(?:dispatchMessage|handleCallback))$"
    r"|^android\.app\.ActivityThread(?:\$H)?\.(?:main|handleMessage)$|^com\.android\.internal\.os\.\w+(?:\$\w+)?\.(?:main|run)$"
    r"|^java\.util\.concurrent\.FutureTask\.run$|^java\.util\.concurrent\.Executors\$RunnableAdapter\.call$"
)


def describe(site: Site) -> Draft:
    draft = Draft()
    module = site.module
    draft.library = bool(_LIBRARY.match(module))
    if _REFLECTION.match(module):
        draft.dropped = "V2"
    elif _LAMBDA_CLASS.search(module):
        draft.dropped = "V4"
    elif _BASES.match(f"{module}.{site.function}"):
        draft.dropped = "V9"
    if _DYNAMIC_PROXY.match(module):
        draft.location = "$Proxy"
        draft.note("V3")
        draft.function = site.function
        return draft
    context = _locate(site, draft)
    draft.function = _function(site.function, context, draft)
    if _is_obfuscated(module, site.function):
        draft.minified, draft.function = True, ""
        draft.note("V10")
    return draft


def _locate(site: Site, draft: Draft) -> str:
    """Write the class without what was generated; the method that an anonymous class stands in, if its name tells."""
    if not usable_module(site.module):
        draft.location = location_of_path(site.path, draft)
        return ""
    module = _PROXY.sub("", site.module)
    if module != site.module:
        draft.note("V1")
    scripted = _without_groovy_closures(_CLOJURE_FN.sub("", module))
    if scripted != module:
        draft.note("V7")
    outer, *inner = scripted.replace("$$anon$", "$").split("$")
    names = [name for name in inner if name and not name.isdigit() and not name.startswith("anonfun")]
    context = ""
    if len(inner) > len(names) and names and names[-1][0].islower():
        context = next(name for name in names if name[0].islower())
        names = [name for name in names if not name[0].islower()]
    if len(names) < len(inner):
        draft.note("V6")
    draft.location = "$".join([outer, *names])
    return context or (LAMBDA if scripted != module else "")


def _function(name: str, context: str, draft: Draft) -> str:
    if name in UNUSABLE_FUNCTIONS:
        return ""
    if name.startswith(_LAMBDA_METHOD) and (enclosing := _enclosing(name.removeprefix(_LAMBDA_METHOD))) is not None:
        return nameless(draft, enclosing, "V5")
    if inside := _SCALA_ANONYMOUS.match(name):
        return nameless(draft, inside[1] or inside[2] or "", "V7")
    if name == "invokeSuspend" and context:
        draft.note("V5")
        return context
    if context and name in _CALLED_ON_LAMBDA:
        return nameless(draft, "" if context == LAMBDA else context, "V5")
    if bridge := _ACCESS.match(name):
        draft.note("V5")
        return bridge[1] or bridge[2] or "access"
    if name.startswith("fn__"):
        return nameless(draft, "", "V7")
    return name


def _enclosing(rest: str) -> str | None:
    """`charge$0` and `charge$total$3$lambda` after `lambda$`: the name before the number; None where it is no lambda.

    The number is the first one after which nothing but words come, each after a `$`.
    """
    parts = rest.split("$")
    start = len(rest)
    enclosing = rest if _WORD.fullmatch(rest) else None
    for position in range(len(parts) - 1, -1, -1):
        part = parts[position]
        start -= len(part)
        digits = start_of_digits(part)
        if digits < len(part):
            enclosing = rest[: start + digits - (digits == 0 and position > 0)]
        if not _WORD.fullmatch(part):
            break
        start -= 1
    return enclosing


def _without_groovy_closures(module: str) -> str:
    """`Jenkinsfile$_run_closure1$_closure2` → `Jenkinsfile`, `script1700000$…` → `script`."""
    cuts = [_start_of_closures(module)]
    if script := _GROOVY_SCRIPT.match(module):
        cuts.append(script.end())
    if run := _GROOVY_RUN.search(module):
        cuts.append(run.start())
    return module[: min(cuts)]


def _start_of_closures(module: str) -> int:
    """Where `_name_closure1$_closure2` begins that ends the text, with a `$` before it; the end where there is none."""
    found = end = len(module)
    while end >= 0:
        dollar = module.rfind("$", 0, end)
        first = _first_underscore(module, dollar + 1, end)
        if first >= 0:
            found = first - (first == dollar + 1 and dollar >= 0)
        if not _GROOVY_CLOSURE.fullmatch(module, dollar + 1, end):
            break
        end = dollar
    return found


def _first_underscore(text: str, start: int, end: int) -> int:
    """Where the first underscore is of the word before `closure123`, at which the text ends; -1 where it does not."""
    closure = start_of_digits(text, end) - len("closure")
    if closure + len("closure") == end or closure < start or not text.startswith("closure", closure):
        return -1
    word = closure
    while word > start and (text[word - 1].isalnum() or text[word - 1] == "_"):
        word -= 1
    return text.find("_", word, closure)


def _is_obfuscated(module: str, function: str) -> bool:
    """Short names all the way: R8 or ProGuard was here, and no mapping file."""
    segments = module.split(".")
    return len(segments) > 1 and len(function) <= 2 and all(len(segment) <= 2 for segment in segments)
