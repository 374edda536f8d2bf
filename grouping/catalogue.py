"""The built-in lists of grouping: which types say little, which only wrap, which strike anywhere. Data, no logic."""

GENERIC_TYPES = frozenset(
    {
        *("*errors.errorString", "*fmt.wrapError", "*fmt.wrapErrors", "*errors.joinError", "*errors.fundamental"),
        *("*errors.withStack", "*errors.withMessage", "errors.errorString", "*errutil.leafError", "*exported.Error"),
        *("Error", "Exception", "RuntimeException", "java.lang.Exception", "java.lang.RuntimeException"),
        *("java.lang.Error", "java.lang.Throwable", "Throwable", "System.Exception", "System.ApplicationException"),
        *("StandardError", "RuntimeError", "ErrorException", "UnhandledRejection", "<unknown>", "unknown", "panic"),
        *("BaseException", "Elixir.RuntimeError", "NSException", "_Exception", "PlatformException", "Object"),
    }
)
"""Types that programmers raise when no better one came to mind: the message belongs to what happened."""

WRAPPER_TYPES = frozenset(
    {
        *("InvocationTargetException", "UndeclaredThrowableException", "CompletionException", "ExecutionException"),
        *("OnErrorNotImplementedException", "UndeliverableException", "CompositeException"),
        *("ActionView::Template::Error", "ViewException", "Illuminate\\View\\ViewException"),
        *("Spatie\\LaravelIgnition\\Exceptions\\ViewException", "Facade\\Ignition\\Exceptions\\ViewException"),
        *("AggregateException", "System.AggregateException", "TargetInvocationException"),
        *("System.Reflection.TargetInvocationException", "TypeInitializationException"),
        *("System.TypeInitializationException", "StatementError"),
    }
)
"""Exceptions that carry another one and add nothing; skipped where the next cause is there."""

WRAPPERS_BY_MESSAGE = (
    ("ServletException", "Request processing failed"),
    ("NestedServletException", "Request processing failed"),
    ("Error", "There was an error during concurrent rendering"),
    ("Error", "There was an error while hydrating"),
)
"""Wrappers that are known only by how their message begins."""

LOCATION_INDEPENDENT_TYPES = frozenset(
    {
        *("SoftTimeLimitExceeded", "TimeLimitExceeded", "WorkerLostError", "WorkerTimeout", "MemoryError"),
        *("OutOfMemoryError", "OutOfMemoryException", "System.OutOfMemoryException", "NoMemoryError"),
        *("ThreadAbortException", "System.Threading.ThreadAbortException", "KeyboardInterrupt", "Interrupt"),
        *("Rack::Timeout::RequestTimeoutException", "Rack::Timeout::RequestTimeoutError", "ApplicationNotResponding"),
        *("ANR", "AppHang", "App Hanging", "WatchdogTermination", "JobTimeoutException"),
    }
)
"""Errors that strike wherever the program happens to be: the place says nothing."""

LOCATION_INDEPENDENT_MESSAGES = ("Maximum execution time of", "Allowed memory size of")
"""The same, known by how the message begins."""

OVERFLOW_TYPES = frozenset({"RecursionError", "StackOverflowError", "SystemStackError", "StackOverflowException"})
OVERFLOW_MESSAGES = (
    "maximum recursion depth exceeded",
    "Maximum call stack size exceeded",
    "too much recursion",
    "stack level too deep",
    "Stack overflow",
    "Out of stack space",
)
"""A stack overflow is known by its type or by how its message begins (rule G10)."""
