"""What is no address of the API: JSON 404, so that no tool stumbles over HTML."""

from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.urls import resolve
from django.views.decorators.csrf import csrf_exempt

from web.api.errors import NOT_FOUND


@csrf_exempt
def answer_unknown(request: HttpRequest, rest: str = "") -> HttpResponseBase:
    """404; an address without its last slash is answered at once, because a redirect would lose a POST's body."""
    if not request.path_info.endswith("/"):
        found = resolve(request.path_info + "/")
        if found.func is not answer_unknown:
            response: HttpResponseBase = found.func(request, *found.args, **found.kwargs)
            return response
    return JsonResponse({"detail": NOT_FOUND}, status=404)
