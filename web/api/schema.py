"""How views describe themselves to OpenAPI: by the docstring, `inputs` and `parameters` of the view."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter

CAPITAL = re.compile(r"(?<!^)(?=[A-Z])")


class ApiSchema(AutoSchema):
    """Request bodies by `view.inputs[method]`; responses are JSON objects or lists in Sentry's documented shapes."""

    def get_request_serializer(self) -> Any:
        inputs: Mapping[str, Any] = getattr(self.view, "inputs", {})
        return inputs.get(self.method)

    def get_response_serializers(self) -> Any:
        return {"204": None} if self.method == "DELETE" else {"200": OpenApiTypes.OBJECT}

    def get_override_parameters(self) -> list[Any]:
        parameters: Sequence[OpenApiParameter] = getattr(self.view, "parameters", ())
        return list(parameters) if self.method == "GET" else []

    def get_operation_id(self) -> str:
        """`get_issue_tags`, and `get_issue_tags_by_organization` where an address leads there too."""
        name = CAPITAL.sub("_", type(self.view).__name__).lower()
        is_second = "/organizations/" in self.path and "organization" not in name and "/{issue}/" in self.path
        alias = "_as_comments" if "/comments/" in self.path else ""
        return f"{self.method.lower()}_{name}{'_by_organization' if is_second else ''}{alias}"

    def get_summary(self) -> str:
        """The first line of the view's docstring."""
        return (type(self.view).__doc__ or "").strip().partition("\n")[0].rstrip(".")

    def get_tags(self) -> list[str]:
        return [type(self.view).__module__.rpartition(".")[2]]


class BearerTokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """Registers itself by being defined."""

    target_class = "web.api.authentication.BearerToken"
    name = "token"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer"}


class BrowserSessionScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "web.api.authentication.BrowserSession"
    name = "session"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, str]:
        return {"type": "apiKey", "in": "cookie", "name": "sessionid"}
