"""Where everything that was received has gone."""

from rest_framework.request import Request
from rest_framework.response import Response

from tracker.accounting import Account, accounts_of
from web.api.base import ORG_READ, OrganizationView, Shape


class Accounting(OrganizationView):
    """received = stored + duplicate + filtered + rate_limited + invalid + waiting; of `?project=` or of all.

    Error events, and below `categories` the same for each category.
    """

    scopes = {"GET": ORG_READ}

    def get(self, request: Request, organization: str) -> Response:
        accounts = accounts_of(self.asked_projects(request))
        categories = {name: account_shape(account) for name, account in accounts.categories.items()}
        return Response({**account_shape(accounts.errors), "categories": categories})


def account_shape(account: Account) -> Shape:
    return {
        "received": account.received,
        **account.ends,
        "waiting": account.waiting,
        "reasons": account.reasons,
        "clientDiscards": account.discards,
        "unchecked": account.unchecked,
    }
