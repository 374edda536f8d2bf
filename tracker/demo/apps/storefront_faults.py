"""What goes wrong in the storefront: React in browsers, and Node.js, which renders the pages."""

from tracker.demo.parts import click, fetch, lib, log, navigate, own, unhandled
from tracker.demo.scenario import Call, Fault, Life, Spike, Thrown

PROMISE = "auto.browser.global_handlers.onunhandledrejection"
ERROR = "auto.browser.global_handlers.onerror"
BOUNDARY = "auto.function.react.error_boundary"
HTTP = "auto.http.otel.http"

# The bundler keeps functions' names, so that stacks can be read without source maps.
SCHEDULER = (
    lib("vendor/react-dom.js", "performWorkUntilDeadline", 1174),
    lib("vendor/react-dom.js", "performWorkOnRootViaSchedulerTask", 15931),
    lib("vendor/react-dom.js", "renderRootSync", 15294),
    lib("vendor/react-dom.js", "beginWork", 10621),
    lib("vendor/react-dom.js", "renderWithHooks", 5654),
)
EVENT = (
    lib("vendor/react-dom.js", "dispatchDiscreteEvent", 20465),
    lib("vendor/react-dom.js", "dispatchEventForPluginEventSystem", 17093),
    lib("vendor/react-dom.js", "executeDispatch", 16611),
)
NODE = (
    lib(
        "@remix-run/express/dist/server.js",
        "requestHandler",
        41,
        "      let response = await handleRequest(request, …);",
    ),
    lib("react-router/dist/index.js", "callRouteHandler", 1320, "  let result = await handler({ request, params });"),
)
SHOPPING = (navigate("/", "/coffee/{slug}"), click("button.add-to-cart > span"), fetch("POST", "/api/cart/lines/", 201))

PRICE = Fault(
    "storefront.price",
    daily=150,
    thrown=(
        unhandled(
            BOUNDARY,
            "TypeError",
            "Cannot read properties of undefined (reading 'formatted')",
            (
                *SCHEDULER,
                own("ProductPage.js", "SizePicker", 88),
                own("ProductPage.js", "PriceTag", 41),
            ),
        ),
    ),
    transaction="/coffee/:slug",
    call=Call("/coffee/{slug}", query="variant={sku}"),
    crumbs=(
        navigate("/coffee", "/coffee/{slug}"),
        fetch("GET", "/api/products/{slug}/", 200),
        click("select[name=size]"),
    ),
    lives=(Life("storefront@8.4.0", ""),),
    tags={"boundary": "product"},
)
CHUNK = Fault(
    "storefront.chunk",
    daily=16,
    thrown=(
        unhandled(
            PROMISE,
            "TypeError",
            "Failed to fetch dynamically imported module: https://tidewater.example/assets/Checkout-{hex8}.js",
            (),
        ),
    ),
    transaction="/checkout",
    call=Call("/cart"),
    crumbs=(*SHOPPING, click("a.checkout-button")),
    # People who have the page open while a release goes out.
    spikes=(Spike(20.3, 9, 0.005), Spike(13.1, 9, 0.006), Spike(6.5, 8, 0.005), Spike(1.1, 9, 0.006)),
    clients=("Chrome", "Edge", "Samsung"),
)
RESIZE = Fault(
    "storefront.resize",
    daily=38,
    thrown=(unhandled(ERROR, "Error", "ResizeObserver loop completed with undelivered notifications.", ()),),
    call=Call("/coffee/{slug}"),
    transaction="/coffee/:slug",
)
FETCH_CHROME = Fault(
    "storefront.fetch-chrome",
    daily=33,
    thrown=(
        unhandled(
            PROMISE,
            "TypeError",
            "Failed to fetch",
            (
                own("api-client.js", "refreshCart", 131),
                own("api-client.js", "request", 64),
            ),
        ),
    ),
    transaction="/cart",
    call=Call("/cart"),
    crumbs=(*SHOPPING, fetch("GET", "/api/cart/", 0)),
    clients=("Chrome", "Edge", "Samsung"),
)
FETCH_SAFARI = Fault(
    "storefront.fetch-safari",
    daily=21,
    thrown=(unhandled(PROMISE, "TypeError", "Load failed", (own("api-client.js", "request", 64),)),),
    transaction="/cart",
    call=Call("/cart"),
    crumbs=(*SHOPPING, fetch("GET", "/api/cart/", 0)),
    starts=28.0,
    clients=("Safari",),
)
FETCH_FIREFOX = Fault(
    "storefront.fetch-firefox",
    daily=6,
    thrown=(
        unhandled(
            PROMISE,
            "TypeError",
            "NetworkError when attempting to fetch resource.",
            (
                own("api-client.js", "async*refreshCart", 131),
                own("api-client.js", "request", 64),
            ),
        ),
    ),
    transaction="/cart",
    call=Call("/cart"),
    crumbs=(*SHOPPING, fetch("GET", "/api/cart/", 0)),
    starts=28.0,
    clients=("Firefox",),
)
APPLE_PAY = Fault(
    "storefront.apple-pay",
    daily=9,
    thrown=(
        unhandled(
            PROMISE,
            "InvalidAccessError",
            "The object does not support the operation or argument.",
            (*EVENT, own("Checkout.js", "payWithApple", 212), own("Checkout.js", "startSession", 187)),
        ),
    ),
    transaction="/checkout",
    call=Call("/checkout"),
    crumbs=(navigate("/cart", "/checkout"), fetch("POST", "/api/checkout/quote/", 200), click("button#apple-pay")),
    clients=("Safari",),
    starts=11.5,
    people=0.4,
    tags={"payment.method": "apple-pay"},
)
QUOTA = Fault(
    "storefront.quota",
    daily=5,
    thrown=(
        Thrown(
            "QuotaExceededError",
            "Failed to execute 'setItem' on 'Storage': Setting the value of 'recently-viewed' exceeded the quota.",
            (*SCHEDULER[:2], own("recently-viewed.js", "remember", 27)),
            mechanism="generic",
        ),
    ),
    transaction="/coffee/:slug",
    call=Call("/coffee/{slug}"),
    crumbs=SHOPPING[:1],
    lives=(Life("", "storefront@8.3.1"),),
    people=0.1,
)
SLOT = Fault(
    "storefront.slot",
    daily=13,
    thrown=(
        unhandled(
            BOUNDARY,
            "RangeError",
            "Invalid time value",
            (
                *SCHEDULER,
                own("Checkout.js", "DeliverySlots", 302),
                own("format.js", "deliverySlot", 36),
                lib("<anonymous>", "DateTimeFormat.format", 0),
            ),
        ),
    ),
    transaction="/checkout",
    call=Call("/checkout"),
    crumbs=(navigate("/cart", "/checkout"), fetch("GET", "/api/delivery/slots/?country={country}", 200)),
    starts=17.0,
    people=0.5,
    contexts={"slot": {"from": "2026-W{week}", "carrier": "{carrier}", "country": "{country}"}},
)
REJECTION = Fault(
    "storefront.rejection",
    daily=11,
    thrown=(unhandled(PROMISE, "UnhandledRejection", "Object Not Found Matching Id:{small}, MethodName:update", ()),),
    call=Call("/"),
    transaction="/",
    clients=("Chrome Windows", "Edge"),
)
LOCALE = Fault(
    "storefront.locale",
    daily=18,
    message="No translation for %s, showing English",
    parameters=("{locale}",),
    level="info",
    transaction="/",
    call=Call("/"),
    crumbs=(log("console", "i18n: falling back to en-GB", "warning"),),
    people=0.25,
)
WINDOW = Fault(
    "storefront.window",
    daily=44,
    thrown=(
        unhandled(
            HTTP,
            "ReferenceError",
            "window is not defined",
            (
                *NODE,
                lib("react-dom/cjs/react-dom-server.node.js", "renderWithHooks", 5178, "      Component(props, arg);"),
                own("app/components/StoreMap.js", "StoreMap", "window.matchMedia"),
            ),
        ),
    ),
    runtime="node",
    transaction="GET /stores",
    call=Call("/stores", query="near={country}"),
    lives=(Life("storefront@8.2.0", "storefront@8.2.1"),),
)
UPSTREAM = Fault(
    "storefront.upstream",
    daily=12,
    thrown=(
        unhandled(
            HTTP,
            "UpstreamError",
            "shop API answered 502 to /products/{slug}/",
            (
                *NODE,
                own("app/routes/product.js", "loader", "const [product, reviews]"),
                own("server/api.js", "fetchJson", "throw new UpstreamError"),
            ),
        ),
    ),
    runtime="node",
    transaction="GET /coffee/:slug",
    call=Call("/coffee/{slug}"),
    crumbs=(fetch("GET", "http://shop-api.internal:8000/products/{slug}/", 502),),
    spikes=(Spike(2.35, 2.5, 0.006),),
)

FAULTS = (
    PRICE,
    CHUNK,
    RESIZE,
    FETCH_CHROME,
    FETCH_SAFARI,
    FETCH_FIREFOX,
    APPLE_PAY,
    QUOTA,
    SLOT,
    REJECTION,
    LOCALE,
    WINDOW,
    UPSTREAM,
)
