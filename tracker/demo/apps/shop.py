"""The shop: its releases, and what its people did about its faults."""

from tracker.demo.apps.shop_faults import FAULTS
from tracker.demo.scenario import App, Archive, Assign, Commit, Release, Resolve, Say, Sessions
from tracker.issues.claims import ResolveIn

RELEASES = (
    Release("shop@2.15.0", 33.0, (Commit("Mira Okafor", "Gift wrapping, behind a flag", ("shop/checkout/forms.py",)),)),
    Release(
        "shop@2.15.1",
        25.2,
        (Commit("Jonas Weidner", "Carriers may send a parcel's weight as text", ("shop/parcels/models.py",)),),
    ),
    Release(
        "shop@2.15.2",
        19.1,
        (
            Commit(
                "Jonas Weidner",
                "Hold a SKU once, however many lines name it\n\nFixes {shop.stock}",
                ("shop/checkout/services.py", "tests/checkout/test_services.py"),
            ),
            Commit("Sanne de Wit", "Portuguese translation of the checkout", ("locale/pt/LC_MESSAGES/django.po",)),
        ),
    ),
    Release(
        "shop@2.16.0",
        12.3,
        (
            Commit(
                "Inês Carvalho",
                "Links to a size of a coffee: ?variant=",
                ("shop/catalog/views.py", "shop/catalog/urls.py"),
            ),
            Commit(
                "Mira Okafor",
                "A voucher on an empty cart is worth nothing\n\nFixes {shop.voucher}",
                ("shop/pricing/discounts.py",),
            ),
            Commit("Sanne de Wit", "Norwegian krone", ("shop/pricing/currencies.py",)),
        ),
    ),
    Release(
        "shop@2.16.1",
        9.4,
        (Commit("Jonas Weidner", "Empty bodies of carriers' pings are no updates", ("shop/parcels/webhooks.py",)),),
    ),
    Release(
        "shop@2.17.0",
        3.6,
        (
            Commit(
                "Sanne de Wit",
                "Reserve stock in bulk: one statement instead of forty",
                ("shop/checkout/services.py",),
            ),
            Commit("Tomasz Zieliński", "Django 5.2.8", ("requirements.txt",)),
            Commit("Inês Carvalho", "Tasting notes in the search index", ("shop/catalog/search.py",)),
        ),
    ),
    Release(
        "shop@2.17.1",
        0.6,
        (Commit("Mira Okafor", "Longer log lines around payments", ("shop/checkout/payments.py",)),),
        staged=0.3,
    ),
)

ACTIONS = (
    Assign("shop.stock", 24.0, "Mira Okafor", "Jonas Weidner"),
    Say(
        "shop.stock",
        21.2,
        "Jonas Weidner",
        "It needs the same coffee twice in one cart, once whole and once ground: both lines have one SKU. "
        "I can reproduce it now.",
    ),
    Say(
        "shop.stock",
        3.1,
        "Sanne de Wit",
        "That is my bulk insert: it goes around the check that Jonas added in 2.15.2. Sorry! "
        "I'll group by SKU again before the rows are built.",
    ),
    Assign("shop.stock", 3.0, "Sanne de Wit", "Sanne de Wit"),
    Assign("shop.variant", 11.1, "Mira Okafor", "Robin Lindqvist"),
    Say(
        "shop.variant",
        10.4,
        "Robin Lindqvist",
        "The links come from an old newsletter: those sizes are no longer sold. We should fall back to the default.",
    ),
    Resolve("shop.parcel", 10.6, "Jonas Weidner", ResolveIn("in_next_release")),
    Archive("shop.host", 22.0, "Mira Okafor"),
    Say("shop.host", 21.9, "Mira Okafor", "Scanners. Nothing to do for us."),
    Archive("shop.mail", 15.0, "Sanne de Wit", events=600),
    Assign("shop.search", 6.2, "Robin Lindqvist", "Inês Carvalho"),
    Say(
        "shop.payments-timeout",
        2.1,
        "Robin Lindqvist",
        "Follows from the trouble at Nordpay, see the payments service. No order was charged twice, "
        "I have checked the ledger.",
    ),
    Assign("shop.renewal", 5.0, "Mira Okafor", "Tomasz Zieliński"),
    Archive("shop.import", 27.0, "Tomasz Zieliński"),
)

SHOP = App(
    "shop",
    "Shop",
    "python-django",
    "python",
    "tidewater.example",
    RELEASES,
    FAULTS,
    ACTIONS,
    servers=("web-1", "web-2", "web-3"),
    sessions=Sessions(per_event=400),
)
