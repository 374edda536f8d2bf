"""The payments service, in Go: what goes wrong, its releases, and what its people did."""

from hashlib import sha1

from tracker.demo.parts import http, lib, log, own
from tracker.demo.scenario import (
    App,
    Archive,
    Assign,
    Call,
    Commit,
    Fault,
    Life,
    Release,
    Resolve,
    Say,
    Spike,
    Thrown,
)
from tracker.issues.claims import ResolveIn


def _commit(subject: str) -> str:
    """This service is released by commit, not by version."""
    return sha1(f"tidewater/payments {subject}".encode(), usedforsecurity=False).hexdigest()


FIRST, REFUNDS, SETTLEMENT, PARTIAL = map(_commit, ("ledger", "refunds", "settlement", "partial refunds"))

CHI = "/go/pkg/mod/github.com/go-chi/chi/v5@v5.2.3/mux.go"
SERVE = (
    lib(CHI, "(*Mux).ServeHTTP", 90, "\tmx.handler.ServeHTTP(w, r)", "github.com/go-chi/chi/v5"),
    lib(CHI, "(*Mux).routeHTTP", 478, "\t\th.ServeHTTP(w, r)", "github.com/go-chi/chi/v5"),
    lib("/usr/local/go/src/net/http/server.go", "HandlerFunc.ServeHTTP", 2322, "\tf(w, r)", "net/http"),
)
CHARGE = (
    *SERVE,
    own("/src/internal/api/charges.go", "(*Handler).createCharge", "h.charges.Charge(r.Context()"),
    own("/src/internal/charge/service.go", "(*Service).Charge", "s.provider.Charge(ctx"),
)
RECOVER = lib("/usr/local/go/src/runtime/panic.go", "gopanic", 783, "\t\t\tfn()", "runtime")
CREATE_CHARGE = Call("/v2/charges", "POST", body={"order": "{order}", "amount": "{cents}", "currency": "{currency}"})
PROVIDER = {"payment.provider": "nordpay", "merchant": "{merchant}"}

FAULTS = (
    Fault(
        "payments.deadline",
        daily=6,
        thrown=(
            Thrown("context.deadlineExceededError", "context deadline exceeded"),
            Thrown("*url.Error", 'Post "https://api.nordpay.example/v2/charges": context deadline exceeded'),
            Thrown(
                "*nordpay.Error",
                'charge {order}: Post "https://api.nordpay.example/v2/charges": context deadline exceeded',
                (
                    *CHARGE,
                    own("/src/internal/provider/nordpay/client.go", "(*Client).Charge", 'c.post(ctx, "/v2/charges"'),
                ),
            ),
        ),
        transaction="POST /v2/charges",
        call=CREATE_CHARGE,
        crumbs=(
            log("ledger", "no receipt for key {hex12}", "debug"),
            http("POST", "https://api.nordpay.example/v2/charges", 504, "http", 7.5),
        ),
        spikes=(Spike(2.3, 3.4, 0.085),),
        tags=PROVIDER,
    ),
    Fault(
        "payments.nil",
        daily=62,
        thrown=(
            Thrown(
                "runtime.errorString",
                "runtime error: invalid memory address or nil pointer dereference",
                (
                    *SERVE,
                    own("/src/internal/api/refunds.go", "(*Handler).createRefund", "h.refunds.Refund(r.Context()"),
                    own("/src/internal/refund/service.go", "(*Service).Refund", "receipt.Captured.Amount"),
                    RECOVER,
                ),
            ),
        ),
        level="fatal",
        transaction="POST /v2/orders/{order}/refunds",
        call=Call("/v2/orders/{order}/refunds", "POST", body={"amount": "{cents}"}),
        crumbs=(log("ledger", "receipt of order {order} found, captured: none", "debug"),),
        lives=(Life(PARTIAL, ""),),
        rhythm="office",
        tags=PROVIDER,
    ),
    Fault(
        "payments.deadlock",
        daily=8,
        thrown=(
            Thrown("*pgconn.PgError", "ERROR: deadlock detected (SQLSTATE 40P01)"),
            Thrown(
                "*ledger.Error",
                "ledger: update balance: ERROR: deadlock detected (SQLSTATE 40P01)",
                (
                    *CHARGE[:-1],
                    own("/src/internal/charge/service.go", "(*Service).Charge", "s.ledger.Record(ctx"),
                    own("/src/internal/ledger/postgres.go", "(*Ledger).Record", '"update balance", err'),
                ),
            ),
        ),
        transaction="POST /v2/charges",
        call=CREATE_CHARGE,
        growth=2.0,
        tags={"merchant": "{merchant}"},
    ),
    Fault(
        "payments.declined",
        daily=52,
        message="card declined: %s",
        parameters=("insufficient_funds",),
        level="warning",
        transaction="POST /v2/charges",
        call=CREATE_CHARGE,
        crumbs=(http("POST", "https://api.nordpay.example/v2/charges", 402, "http"),),
        tags=PROVIDER,
    ),
    Fault(
        "payments.signature",
        daily=4,
        message="webhook signature does not match for endpoint %s",
        parameters=("whe_{hex8}",),
        level="warning",
        transaction="POST /webhooks/nordpay",
        call=Call("/webhooks/nordpay", "POST"),
        rhythm="machines",
        people=0,
        ends=6.0,
    ),
    Fault(
        "payments.refund-json",
        daily=14,
        thrown=(
            Thrown(
                "*json.UnmarshalTypeError",
                "json: cannot unmarshal string into Go struct field Event.data.amount of type int64",
                (*SERVE, own("/src/internal/webhook/nordpay.go", "(*Handler).ServeHTTP", "json.Unmarshal(payload")),
            ),
        ),
        transaction="POST /webhooks/nordpay",
        call=Call("/webhooks/nordpay", "POST"),
        rhythm="machines",
        people=0,
        lives=(Life("", REFUNDS),),
    ),
    Fault(
        "payments.lock",
        daily=3,
        thrown=(
            Thrown("*errors.errorString", "redis: connection pool timeout"),
            Thrown(
                "*settlement.Error",
                "settlement of {merchant}: redis: connection pool timeout",
                (own("/src/internal/settlement/job.go", "(*Job).Run", "j.lock.Acquire(ctx"),),
            ),
        ),
        level="fatal",
        transaction="settlement",
        rhythm="nightly",
        people=0,
        servers=("payments-jobs-0",),
        lives=(Life(SETTLEMENT, ""),),
        tags={"merchant": "{merchant}"},
    ),
    Fault(
        "payments.key",
        daily=5,
        thrown=(
            Thrown(
                "*charge.KeyReusedError",
                "idempotency key {hex12} was used for another amount: {cents} instead of {hundreds}",
                CHARGE[:-1],
            ),
        ),
        transaction="POST /v2/charges",
        call=CREATE_CHARGE,
    ),
)

RELEASES = (
    Release(FIRST, 36.0),
    Release(
        REFUNDS,
        22.7,
        (Commit("Tomasz Zieliński", "Amounts of webhooks may be text", ("internal/webhook/event.go",)),),
    ),
    Release(
        SETTLEMENT,
        14.4,
        (Commit("Tomasz Zieliński", "Settle each merchant under a lock", ("internal/settlement/job.go",)),),
    ),
    Release(
        PARTIAL,
        0.4,
        (
            Commit(
                "Tomasz Zieliński",
                "Refund a part of what was captured",
                ("internal/refund/service.go", "internal/api/refunds.go"),
            ),
        ),
        staged=0.2,
    ),
)

ACTIONS = (
    Assign("payments.deadline", 2.28, "Robin Lindqvist", "Tomasz Zieliński"),
    Say("payments.deadline", 2.24, "Tomasz Zieliński", "Nordpay's status page says: elevated latency in eu-north."),
    Say(
        "payments.deadline",
        2.0,
        "Tomasz Zieliński",
        "Over since 14 minutes. 38 orders were charged late, none twice. We want a circuit breaker here.",
    ),
    Resolve("payments.refund-json", 24.1, "Tomasz Zieliński", ResolveIn("in_next_release")),
    Archive("payments.declined", 25.0, "Robin Lindqvist", users=250),
    Say("payments.declined", 25.0, "Robin Lindqvist", "Customers' business, not ours, unless there are many of them."),
    Resolve("payments.signature", 5.2, "Tomasz Zieliński"),
    Say("payments.signature", 5.2, "Tomasz Zieliński", "Nordpay rotated the secret; ours is the new one now."),
    Assign("payments.deadlock", 4.4, "Mira Okafor", "Robin Lindqvist"),
)

PAYMENTS = App(
    "payments",
    "Payments",
    "go",
    "go",
    "payments.internal",
    RELEASES,
    FAULTS,
    ACTIONS,
    servers=("payments-7d9f8b6c54-2xkqp", "payments-7d9f8b6c54-lw8tz", "payments-7d9f8b6c54-v5cmn"),
)
