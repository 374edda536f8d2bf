"""What goes wrong in the shop: Django and Celery."""

from tracker.demo.parts import lib, log, own, query, unhandled
from tracker.demo.scenario import Call, Fault, Life, Spike, Thrown

DJANGO = (
    lib("django/core/handlers/exception.py", "inner", 55, "                response = get_response(request)"),
    lib(
        "django/core/handlers/base.py",
        "_get_response",
        197,
        "                response = wrapped_callback(request, *callback_args, **callback_kwargs)",
    ),
)
FORM_VIEW = (
    *DJANGO,
    lib("django/views/generic/base.py", "dispatch", 144, "        return handler(request, *args, **kwargs)"),
    lib("django/views/generic/edit.py", "post", 151, "            return self.form_valid(form)"),
    own(
        "shop/checkout/views.py",
        "form_valid",
        "order = place_order(",
        cart="<Cart: {small} lines>",
        form="<CheckoutForm bound=True, valid=True, fields=(address;method;terms)>",
    ),
)
EXECUTE = lib("django/db/backends/utils.py", "_execute", 105, "                return self.cursor.execute(sql, params)")
CELERY = (
    lib("celery/app/trace.py", "trace_task", 453, "                    R = retval = fun(*args, **kwargs)"),
    lib("celery/app/trace.py", "__protected_call__", 736, "            return self.run(*args, **kwargs)"),
)
CHECKOUT = Call("/checkout/", "POST", body={"address": "{small}", "method": "pm_{hex8}", "terms": "on"})
CART_CRUMBS = (
    log("shop.cart", "cart {hex8} has {small} lines"),
    query('SELECT "cart_line"."id", "cart_line"."quantity" FROM "cart_line" WHERE "cart_line"."cart_id" = %s'),
)
ORDER = {"cart": "<Cart: {small} lines>", "order": "<Order: {order}>", "address": "<Address: {country}>"}
STOCK_TAKEN = (
    'duplicate key value violates unique constraint "stock_reservation_order_id_sku_key"\n'
    "DETAIL:  Key (order_id, sku)=({order}, {sku}) already exists."
)
TIMED_OUT = "HTTPConnectionPool(host='payments.internal', port=8080): Read timed out. (read timeout=8.0)"
ASK_FOR_MONEY = (
    own(
        "shop/checkout/payments.py",
        "charge",
        "answer = self.session.post(",
        order="<Order: {order}>",
        body="{'order': '{order}', 'amount': {cents}, 'currency': '{currency}'}",
    ),
    lib(
        "requests/sessions.py", "post", 637, '        return self.request("POST", url, data=data, json=json, **kwargs)'
    ),
    lib("requests/sessions.py", "request", 589, "        resp = self.send(prep, **send_kwargs)"),
    lib("requests/sessions.py", "send", 703, "        r = adapter.send(request, **kwargs)"),
    lib("requests/adapters.py", "send", 713, "                raise ReadTimeout(e, request=request)"),
)
WORKERS = ("worker-1", "worker-2")

STOCK = Fault(
    "shop.stock",
    daily=26,
    thrown=(
        Thrown(
            "UniqueViolation",
            STOCK_TAKEN,
            (EXECUTE, lib("psycopg/cursor.py", "execute", 97, "            raise ex.with_traceback(None)")),
            "psycopg.errors",
        ),
        unhandled(
            "django",
            "IntegrityError",
            STOCK_TAKEN,
            (
                *FORM_VIEW,
                own("shop/checkout/services.py", "place_order", "reserver.reserve(order)", **ORDER),
                own(
                    "shop/checkout/services.py",
                    "reserve",
                    "objects.bulk_create(held)",
                    order="<Order: {order}>",
                    held="[<StockReservation: {sku}>, <StockReservation: {sku}>]",
                ),
                lib("django/db/models/query.py", "bulk_create", 825, "                self._batched_insert("),
                EXECUTE,
            ),
            "django.db.utils",
        ),
    ),
    transaction="/checkout/",
    call=CHECKOUT,
    crumbs=(*CART_CRUMBS, query('INSERT INTO "shop_order" ("number", "customer_id") VALUES (%s, %s)')),
    lives=(Life("", "shop@2.15.2"), Life("shop@2.17.0", "")),
    tags={"market": "{country}", "warehouse": "rotterdam"},
)
VARIANT = Fault(
    "shop.variant",
    daily=88,
    thrown=(
        unhandled(
            "django",
            "AttributeError",
            "'NoneType' object has no attribute 'price'",
            (
                *DJANGO,
                own(
                    "shop/catalog/views.py",
                    "product_detail",
                    "variant.price.in_currency",
                    slug="'{slug}'",
                    product="<Product: {coffee}>",
                    chosen="'{sku}'",
                    variant="None",
                ),
            ),
        ),
    ),
    transaction="/coffee/{slug}/",
    call=Call("/coffee/{slug}/", query="variant={sku}"),
    crumbs=(
        query('SELECT "catalog_product"."id" FROM "catalog_product" WHERE "catalog_product"."slug" = %s LIMIT 21'),
        query('SELECT "catalog_variant"."id" FROM "catalog_variant" WHERE "catalog_variant"."sku" = %s LIMIT 1'),
    ),
    lives=(Life("shop@2.16.0", ""),),
    tags={"market": "{country}"},
)
PAYMENTS_TIMEOUT = Fault(
    "shop.payments-timeout",
    daily=5,
    thrown=(
        unhandled(
            "django",
            "ReadTimeout",
            TIMED_OUT,
            (
                *FORM_VIEW,
                own("shop/checkout/services.py", "place_order", "charge = payments.charge(", **ORDER),
                *ASK_FOR_MONEY,
            ),
            "requests.exceptions",
        ),
    ),
    transaction="/checkout/",
    call=CHECKOUT,
    crumbs=(*CART_CRUMBS, log("shop.checkout", "order {order} placed, asking for {amount} {currency}", pause=8.0)),
    spikes=(Spike(2.3, 3.2, 0.045),),
    tags={"market": "{country}"},
)
RENEWAL_TIMEOUT = Fault(
    "shop.renewal-timeout",
    daily=1.2,
    thrown=(
        unhandled(
            "celery",
            "ReadTimeout",
            TIMED_OUT,
            (
                *CELERY,
                own(
                    "shop/subscriptions/tasks.py",
                    "charge_renewal",
                    "charge = payments.charge(",
                    order_number="'{order}'",
                ),
                *ASK_FOR_MONEY,
            ),
            "requests.exceptions",
        ),
    ),
    transaction="shop.subscriptions.tasks.charge_renewal",
    crumbs=(query('SELECT "shop_order"."id" FROM "shop_order" WHERE "shop_order"."number" = %s LIMIT 21', 8.0),),
    servers=WORKERS,
    rhythm="machines",
    spikes=(Spike(2.3, 3.0, 0.003),),
)
VOUCHER = Fault(
    "shop.voucher",
    daily=17,
    thrown=(
        unhandled(
            "django",
            "ZeroDivisionError",
            "division by zero",
            (
                *DJANGO,
                own("shop/pricing/views.py", "redeem", "apply_voucher(Cart", voucher="<Voucher: AUTUMN-{hundreds}>"),
                own("shop/pricing/discounts.py", "apply_voucher", "spread(voucher.worth(cart), lines)", lines="[]"),
                own(
                    "shop/pricing/discounts.py",
                    "spread",
                    "/ total.amount",
                    discount="<Money: {amount} {currency}>",
                    total="<Money: 0.00 {currency}>",
                    shares="[]",
                ),
            ),
        ),
    ),
    transaction="/cart/voucher/",
    call=Call("/cart/voucher/", "POST", body={"code": "AUTUMN-{hundreds}"}),
    crumbs=CART_CRUMBS,
    lives=(Life("", "shop@2.16.0"),),
)
MAIL = Fault(
    "shop.mail",
    daily=24,
    thrown=(
        unhandled(
            "celery",
            "SMTPRecipientsRefused",
            "{'{email}': (550, b'5.1.1 The email account that you tried to reach does not exist')}",
            (
                *CELERY,
                own(
                    "shop/mailing/tasks.py",
                    "send_order_mail",
                    "message.send(fail_silently=False)",
                    order_number="'{order}'",
                    template="'dispatched'",
                ),
                lib("django/core/mail/message.py", "send", 307, "        return self.get_connection(fail_silently)…"),
            ),
            "smtplib",
        ),
    ),
    transaction="shop.mailing.tasks.send_order_mail",
    crumbs=(query('SELECT "shop_order"."id" FROM "shop_order" WHERE "shop_order"."number" = %s LIMIT 21'),),
    servers=WORKERS,
    rhythm="machines",
    tags={"celery_task_id": "{hex8}-5b1e-4000-8000-{hex12}"},
)
SEARCH = Fault(
    "shop.search",
    daily=19,
    thrown=(
        unhandled(
            "django",
            "OperationalError",
            "canceling statement due to statement timeout",
            (
                *DJANGO,
                own("shop/catalog/views.py", "search", "page = Paginator(", words="'{words}'"),
                lib("django/core/paginator.py", "count", 93, "            return c()"),
                EXECUTE,
            ),
            "django.db.utils",
        ),
    ),
    transaction="/search/",
    call=Call("/search/", query="q={words}&page={small}"),
    crumbs=(
        query('SELECT COUNT(*) FROM "catalog_product" WHERE "catalog_product"."search" @@ plainto_tsquery(%s)', 5.0),
    ),
    growth=1.6,
    people=0.5,
)
TAX = Fault(
    "shop.tax",
    daily=34,
    message="No reduced rate of VAT is known for %s, the full rate is taken for order %s",
    parameters=("{country}", "{order}"),
    logger="shop.pricing.tax",
    level="warning",
    transaction="/checkout/",
    call=CHECKOUT,
    crumbs=CART_CRUMBS,
)
PARCEL = Fault(
    "shop.parcel",
    daily=9,
    thrown=(
        unhandled(
            "django",
            "JSONDecodeError",
            "Expecting value: line 1 column 1 (char 0)",
            (
                *DJANGO,
                own("shop/parcels/webhooks.py", "parcel_update", "update = json.loads("),
                lib("json/decoder.py", "raw_decode", 363, '            raise JSONDecodeError("Expecting value", s, …)'),
            ),
            "json.decoder",
        ),
    ),
    transaction="/hooks/parcels/",
    call=Call("/hooks/parcels/", "POST"),
    rhythm="machines",
    people=0,
    lives=(Life("", "shop@2.16.1"),),
    tags={"carrier": "{carrier}"},
)
HOST = Fault(
    "shop.host",
    daily=21,
    message="Invalid HTTP_HOST header: %s. You may need to add %s to ALLOWED_HOSTS.",
    parameters=("'203.0.113.{small}'", "'203.0.113.{small}'"),
    logger="django.security.DisallowedHost",
    call=Call("/.env"),
    rhythm="machines",
    people=0,
)
RENEWAL = Fault(
    "shop.renewal",
    daily=7,
    thrown=(
        unhandled(
            "celery",
            "DoesNotExist",
            "Variant matching query does not exist.",
            (
                *CELERY,
                own("shop/subscriptions/tasks.py", "renew_due", "return sum(renew(", day="'{date}'"),
                own(
                    "shop/subscriptions/renewals.py",
                    "renew",
                    "order.add(coffee.variant_for",
                    subscription="<Subscription: {hundreds}, every 4 weeks>",
                    coffee="<Product: {coffee}>",
                ),
                lib("django/db/models/query.py", "get", 633, "            raise self.model.DoesNotExist("),
            ),
            "shop.catalog.models",
        ),
    ),
    transaction="shop.subscriptions.tasks.renew_due",
    servers=WORKERS,
    rhythm="nightly",
    people=0,
    starts=8.6,
)
WORKER_TIMEOUT = Fault(
    "shop.worker-timeout",
    daily=2.2,
    thrown=(
        unhandled(
            "django",
            "SystemExit",
            "1",
            (
                *DJANGO,
                own("shop/reports/views.py", "monthly_export", "rows = [export_row(line)", month="Month({month})"),
                own("shop/reports/rows.py", "export_row", "order = line.order", line="<OrderLine: {sku}>"),
                lib("gunicorn/workers/base.py", "handle_abort", 204, "        sys.exit(1)"),
            ),
        ),
    ),
    level="fatal",
    transaction="/reports/monthly/",
    call=Call("/reports/monthly/", query="month={month}"),
    crumbs=(
        query(
            'SELECT "shop_orderline"."id" FROM "shop_orderline" WHERE "shop_orderline"."placed_on" BETWEEN %s AND %s'
        ),
        log("gunicorn.error", "Worker (pid:{pid}) was sent SIGABRT!", "critical", 29.0),
    ),
    rhythm="office",
    is_internal=True,
)
IMPORT = Fault(
    "shop.import",
    daily=1.0,
    message="The catalogue was imported: %s products changed, %s were skipped because their roast has no name",
    parameters=("{count}", "{small}"),
    logger="shop.catalog.imports",
    level="info",
    transaction="shop.catalog.tasks.import_catalogue",
    servers=("worker-1",),
    rhythm="nightly",
    people=0,
)

FAULTS = (
    STOCK,
    VARIANT,
    PAYMENTS_TIMEOUT,
    RENEWAL_TIMEOUT,
    VOUCHER,
    MAIL,
    SEARCH,
    TAX,
    PARCEL,
    HOST,
    RENEWAL,
    WORKER_TIMEOUT,
    IMPORT,
)
