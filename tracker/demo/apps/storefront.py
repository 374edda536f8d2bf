"""The storefront: its releases, and what its people did about its faults."""

from tracker.demo.apps.storefront_faults import FAULTS
from tracker.demo.scenario import App, Archive, Assign, Commit, Merge, Release, Resolve, Say, Sessions
from tracker.issues.claims import ResolveIn

RELEASES = (
    Release("storefront@8.1.4", 34.0),
    Release(
        "storefront@8.2.0",
        20.4,
        (
            Commit("Haruka Ono", "A map of the stores that sell our coffee", ("app/components/StoreMap.js",)),
            Commit("Inês Carvalho", "Sizes can be linked to", ("app/routes/product.js",)),
        ),
    ),
    Release(
        "storefront@8.2.1",
        19.6,
        (
            Commit(
                "Haruka Ono",
                "Ask how wide the window is once there is one\n\nFixes {storefront.window}",
                ("app/components/StoreMap.js",),
            ),
        ),
        staged=0.3,
    ),
    Release(
        "storefront@8.3.0",
        13.2,
        (
            Commit("Haruka Ono", "Delivery slots, by carrier and country", ("app/components/DeliverySlots.js",)),
            Commit("Sanne de Wit", "Apple Pay through Nordpay's sessions", ("app/routes/checkout.js",)),
        ),
    ),
    Release(
        "storefront@8.3.1",
        6.6,
        (Commit("Haruka Ono", "Remember the last 20 coffees, not all of them", ("app/lib/recently-viewed.js",)),),
    ),
    Release(
        "storefront@8.4.0",
        1.15,
        (
            Commit(
                "Haruka Ono",
                "Prices come formatted from the API",
                ("app/components/PriceTag.js", "app/routes/product.js"),
            ),
            Commit("Inês Carvalho", "Larger pictures on phones", ("app/components/Gallery.js",)),
        ),
        staged=0.15,
    ),
)

ACTIONS = (
    Archive("storefront.resize", 26.0, "Haruka Ono"),
    Say("storefront.resize", 26.0, "Haruka Ono", "Browsers say this when a layout settles in two steps. Harmless."),
    Merge(
        "storefront.fetch-chrome",
        ("storefront.fetch-safari", "storefront.fetch-firefox"),
        18.0,
        "Sanne de Wit",
    ),
    Say(
        "storefront.fetch-chrome",
        17.9,
        "Sanne de Wit",
        "One and the same: a lost connection while the cart is refreshed, in the words of three browsers.",
    ),
    Resolve("storefront.quota", 8.4, "Haruka Ono", ResolveIn("in_next_release")),
    Assign("storefront.slot", 16.2, "Mira Okafor", "Haruka Ono"),
    Say(
        "storefront.slot",
        15.8,
        "Haruka Ono",
        "Parcelle sends calendar weeks (“2026-W48”) instead of days for remote addresses. I have asked them.",
    ),
    Assign("storefront.apple-pay", 8.0, "Robin Lindqvist", "Sanne de Wit"),
    Archive("storefront.rejection", 12.0, "Haruka Ono", users=400),
    Assign("storefront.price", 0.9, "Mira Okafor", "Haruka Ono"),
    Say(
        "storefront.price",
        0.85,
        "Haruka Ono",
        "Sold-out sizes have no price any more since the API formats it. A fix is in review.",
    ),
)

STOREFRONT = App(
    "storefront",
    "Storefront",
    "javascript-react",
    "javascript",
    "tidewater.example",
    RELEASES,
    FAULTS,
    ACTIONS,
    adoption_days=0.12,
    staging_share=0.02,
    servers=("render-1", "render-2"),
    sessions=Sessions(per_event=120, users=4_000),
)
