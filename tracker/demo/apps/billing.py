"""Billing, in Java with Spring Boot: what goes wrong, its releases, and what its people did."""

from tracker.demo.parts import http, lib, log, own, query, unhandled
from tracker.demo.scenario import (
    App,
    Archive,
    Assign,
    Call,
    Commit,
    Fault,
    Frame,
    Life,
    Release,
    Resolve,
    Say,
    Sessions,
    Stack,
    Thrown,
)
from tracker.issues.claims import ResolveIn

RESOLVER = "Spring6ExceptionResolver"


def _java(name: str, function: str, line: int) -> Frame:
    """A frame of a library by its class's full name."""
    return lib(f"{name.rpartition('.')[2].partition('$')[0]}.java", function, line, "", name)


def _ours(name: str, function: str, line: int) -> Frame:
    """A frame of billing itself, by its class's name below the common package."""
    return own(f"{name.rpartition('.')[2].partition('$')[0]}.java", function, line, f"com.tidewater.billing.{name}")


SPRING: Stack = (
    _java("java.lang.Thread", "run", 1583),
    _java("org.apache.tomcat.util.threads.ThreadPoolExecutor", "runWorker", 973),
    _java("org.apache.coyote.http11.Http11Processor", "service", 399),
    _java("org.apache.catalina.core.StandardWrapperValve", "invoke", 165),
    _java("org.apache.catalina.core.ApplicationFilterChain", "doFilter", 138),
    _java("jakarta.servlet.http.HttpServlet", "service", 658),
    _java("org.springframework.web.servlet.FrameworkServlet", "service", 885),
    _java("org.springframework.web.servlet.DispatcherServlet", "doDispatch", 1089),
    _java("org.springframework.web.method.support.InvocableHandlerMethod", "doInvoke", 258),
)
SCHEDULED: Stack = (
    _java("java.lang.Thread", "run", 1583),
    _java("java.util.concurrent.ThreadPoolExecutor$Worker", "run", 642),
    _java("org.springframework.scheduling.support.ScheduledMethodRunnable", "run", 130),
    _ours("batch.InvoiceRun", "monthly", 61),
)
ISSUE = Call("/invoices", "POST", body={"order": "{order}", "net": "{amount}", "currency": "{currency}"})

FAULTS = (
    Fault(
        "billing.vat",
        daily=23,
        thrown=(
            unhandled(
                RESOLVER,
                "NullPointerException",
                'Cannot invoke "com.tidewater.billing.customer.Company.vatId()" because "company" is null',
                (
                    *SPRING,
                    _ours("api.InvoiceController", "issue", 48),
                    _ours("invoice.InvoiceService", "issue", 83),
                    _ours("tax.ReverseCharge", "appliesTo", 31),
                ),
                "java.lang",
            ),
        ),
        transaction="POST /invoices",
        call=ISSUE,
        crumbs=(log("com.tidewater.billing.invoice.InvoiceService", "issuing {invoice} for order {order}"),),
        people=0.6,
    ),
    Fault(
        "billing.duplicate",
        daily=6,
        thrown=(
            Thrown(
                "PSQLException",
                'ERROR: duplicate key value violates unique constraint "invoice_number_key"\n'
                "  Detail: Key (number)=({invoice}) already exists.",
                (
                    _java("org.postgresql.jdbc.PgPreparedStatement", "executeUpdate", 155),
                    _java("org.postgresql.core.v3.QueryExecutorImpl", "receiveErrorResponse", 2734),
                ),
                "org.postgresql.util",
            ),
            unhandled(
                RESOLVER,
                "DataIntegrityViolationException",
                "could not execute statement [ERROR: duplicate key value violates unique constraint "
                '"invoice_number_key"]',
                (
                    *SPRING,
                    _ours("api.InvoiceController", "issue", 48),
                    _ours("invoice.InvoiceService", "issue", 97),
                    _java(
                        "org.springframework.orm.jpa.vendor.HibernateJpaDialect", "translateExceptionIfPossible", 241
                    ),
                ),
                "org.springframework.dao",
            ),
        ),
        transaction="POST /invoices",
        call=ISSUE,
        crumbs=(query("select next_number from invoice_sequence where year = ? for update", 0.3),),
        people=0.5,
        lives=(Life("", "billing@1.19.0"), Life("billing@1.20.0", "")),
    ),
    Fault(
        "billing.heap",
        daily=0.9,
        thrown=(
            unhandled(
                "UncaughtExceptionHandler",
                "OutOfMemoryError",
                "Java heap space",
                (
                    *SCHEDULED,
                    _ours("pdf.InvoiceRenderer", "renderAll", 112),
                    _java("java.util.Arrays", "copyOf", 3537),
                ),
                "java.lang",
            ),
        ),
        level="fatal",
        rhythm="nightly",
        people=0,
        crumbs=(log("com.tidewater.billing.batch.InvoiceRun", "rendering {count} invoices", pause=41),),
        servers=("billing-batch-0",),
        contexts={"memory": {"heap_used": "1.94 GB", "heap_max": "2.00 GB"}},
    ),
    Fault(
        "billing.glyph",
        daily=13,
        thrown=(
            Thrown(
                "IllegalArgumentException",
                "No glyph for {glyph} in font Inter-Regular",
                (
                    *SPRING,
                    _ours("api.InvoiceController", "pdf", 71),
                    _ours("pdf.InvoiceRenderer", "render", 64),
                    _ours("pdf.AddressBlock", "draw", 39),
                    _java("org.apache.pdfbox.pdmodel.font.PDType0Font", "encode", 449),
                ),
                "java.lang",
                "Logback",
            ),
        ),
        transaction="GET /invoices/{number}.pdf",
        call=Call("/invoices/{invoice}.pdf"),
        people=0.3,
        starts=21.0,
    ),
    Fault(
        "billing.rates",
        daily=16,
        thrown=(
            Thrown(
                "TooManyRequests",
                "429 Too Many Requests: \"{'error':'rate limit','retry_after':{seconds}}\"",
                (
                    *SCHEDULED[:-1],
                    _ours("tax.VatRates", "refresh", 57),
                    _java("org.springframework.web.client.StatusHandler", "lambda$fromErrorHandler$1", 66),
                ),
                "org.springframework.web.client.HttpClientErrorException",
                "Logback",
            ),
        ),
        level="warning",
        logger="com.tidewater.billing.tax.VatRates",
        crumbs=(http("GET", "https://rates.example/vat?country={country}", 429),),
        rhythm="machines",
        people=0,
    ),
    Fault(
        "billing.lazy",
        daily=21,
        thrown=(
            unhandled(
                RESOLVER,
                "LazyInitializationException",
                "failed to lazily initialize a collection of role: com.tidewater.billing.invoice.Invoice.lines: "
                "could not initialize proxy - no Session",
                (
                    *SPRING,
                    _ours("api.CreditNoteController", "create", 52),
                    _ours("invoice.CreditNotes", "mirror", 44),
                    _java("org.hibernate.collection.spi.PersistentBag", "iterator", 370),
                ),
                "org.hibernate",
            ),
        ),
        transaction="POST /credit-notes",
        call=Call("/credit-notes", "POST", body={"invoice": "{invoice}"}),
        rhythm="office",
        is_internal=True,
        lives=(Life("", "billing@1.18.3"),),
    ),
    Fault(
        "billing.payout",
        daily=3,
        message="Payout {} cannot be reconciled: it is off by {} EUR",
        parameters=("po_{hex8}", "{amount}"),
        logger="com.tidewater.billing.payout.Reconciliation",
        rhythm="nightly",
        people=0,
        servers=("billing-batch-0",),
    ),
    Fault(
        "billing.pool",
        daily=4,
        thrown=(
            unhandled(
                RESOLVER,
                "SQLTransientConnectionException",
                "billing - Connection is not available, request timed out after 30001ms "
                "(total=10, active=10, idle=0, waiting={small})",
                (
                    *SPRING,
                    _ours("api.StatementController", "monthly", 36),
                    _ours("statement.Statements", "of", 58),
                    _java("com.zaxxer.hikari.pool.HikariPool", "createTimeoutException", 714),
                ),
                "java.sql",
            ),
        ),
        transaction="GET /statements/{month}",
        call=Call("/statements/{month}"),
        rhythm="office",
        is_internal=True,
        growth=1.2,
    ),
)

SOURCES = "src/main/java/com/tidewater/billing"
RELEASES = (
    Release("billing@1.18.2", 38.0),
    Release(
        "billing@1.18.3",
        23.1,
        (Commit("Jonas Weidner", "Credit notes load the lines they mirror", (f"{SOURCES}/invoice/CreditNotes.java",)),),
    ),
    Release(
        "billing@1.19.0",
        16.3,
        (
            Commit(
                "Jonas Weidner",
                "Take invoice numbers under a lock\n\nFixes {billing.duplicate}",
                (f"{SOURCES}/invoice/InvoiceService.java",),
            ),
            Commit("Mira Okafor", "Statements by month", (f"{SOURCES}/statement/Statements.java",)),
        ),
    ),
    Release(
        "billing@1.20.0",
        4.5,
        (
            Commit(
                "Mira Okafor",
                "Virtual threads",
                ("src/main/resources/application.yaml", f"{SOURCES}/invoice/InvoiceService.java"),
            ),
            Commit("Jonas Weidner", "Spring Boot 3.5.7", ("build.gradle.kts",)),
        ),
    ),
)

ACTIONS = (
    Resolve("billing.lazy", 24.5, "Jonas Weidner", ResolveIn("in_release", versions=("1.18.3",))),
    Assign("billing.duplicate", 20.0, "Mira Okafor", "Jonas Weidner"),
    Say(
        "billing.duplicate", 3.9, "Jonas Weidner", "The lock belongs to a thread: on virtual ones it holds nobody back."
    ),
    Assign("billing.glyph", 19.4, "Mira Okafor", "Jonas Weidner"),
    Say(
        "billing.glyph",
        19.0,
        "Jonas Weidner",
        "Names in Japanese, Cyrillic and Arabic. Inter has none of them; Noto as a fallback would weigh 14 MB.",
    ),
    Archive("billing.rates", 20.0, "Jonas Weidner", days=45),
    Assign("billing.heap", 7.0, "Robin Lindqvist", "Mira Okafor"),
)

BILLING = App(
    "billing",
    "Billing",
    "java",
    "java",
    "billing.internal",
    RELEASES,
    FAULTS,
    ACTIONS,
    servers=("billing-0", "billing-1"),
    sessions=Sessions(per_event=250),
)
