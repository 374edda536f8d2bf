"""The applications of the demo's company, one file each."""

from tracker.demo.apps.android import ANDROID
from tracker.demo.apps.backoffice import BACKOFFICE
from tracker.demo.apps.billing import BILLING
from tracker.demo.apps.labels import LABELS
from tracker.demo.apps.payments import PAYMENTS
from tracker.demo.apps.shop import SHOP
from tracker.demo.apps.storefront import STOREFRONT
from tracker.demo.scenario import App

APPS: tuple[App, ...] = (SHOP, STOREFRONT, PAYMENTS, BILLING, LABELS, BACKOFFICE, ANDROID)
