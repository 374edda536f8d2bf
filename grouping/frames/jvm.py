"""Java, Kotlin, Scala, Clojure, Groovy, Android: proxies, lambdas, reflection (V1 to V10)."""

import re

from grouping.frames.common import LAMBDA, UNUSABLE_FUNCTIONS, location_of_path, nameless, usable_module
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
_LAMBDA_METHOD = re.compile(r"^(?:lambda\$(.*?)\$?\d+(?:\$\w+)*|lambda\$(\w+))$")
_SCALA_ANONYMOUS = re.compile(r"^\$?anonfun\$(.*?)\$\d+.*$|^\$anonfun\$(\w+)$|^liftedTree\d+\$\d+$")
_ACCESS = re.compile(r"^(?:access\$\d+|access\$(\w+)(?:\$\w+)?|(\w+)\$default)$")
_CLOJURE_FN = re.compile(r"\$fn__\d+|__\d+(?=$|\$)|\$eval\d+|\$reify__\d+")
_GROOVY = re.compile(r"\$?_(?:\w+)?_?closure\d+(?:\$_closure\d+)*$|(?<=^script)\d+\w*$|\$_run_closure\d+.*$")
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
    scripted = _GROOVY.sub("", _CLOJURE_FN.sub("", module))
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
    if inside := _LAMBDA_METHOD.match(name):
        return nameless(draft, inside[1] or inside[2] or "", "V5")
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


def _is_obfuscated(module: str, function: str) -> bool:
    """Short names all the way: R8 or ProGuard was here, and no mapping file."""
    segments = module.split(".")
    return len(segments) > 1 and len(function) <= 2 and all(len(segment) <= 2 for segment in segments)
