"""The OpenAPI document of what is served now."""

from __future__ import annotations

from typing import Any

from keras_gan.serving.models.models import Models

_ERROR = {
    "description": "An error, and why.",
    "content": {
        "application/json": {
            "schema": {"type": "object", "required": ["error"], "properties": {"error": {"type": "string"}}}
        }
    },
}
_ERRORS = {str(status): _ERROR for status in (400, 401, 404, 429, 503, 504)}


def document(models: Models) -> dict[str, Any]:
    """An OpenAPI 3.1 document, with the names of the models that are available.

    Args:
        models: What is served.

    Returns:
        The document, ready for JSON.
    """
    names = models.names()
    name = {"name": "model", "in": "path", "required": True, "schema": {"type": "string", "enum": names or ["none"]}}
    version = {"name": "version", "in": "path", "required": True, "schema": {"type": "integer", "minimum": 0}}
    paths: dict[str, Any] = {}
    for path, parameters in (
        ("/v1/models/{model}", [name]),
        ("/v1/models/{model}/versions/{version}", [name, version]),
    ):
        paths[path] = {"get": _operation("The state of the model's versions.", parameters, _json({"type": "object"}))}
        paths[f"{path}/metadata"] = {
            "get": _operation("What the model takes and returns.", parameters, _json({"type": "object"}))
        }
        paths[f"{path}:predict"] = {
            "post": {**_operation("Run the model.", parameters, _json({"type": "object"})), "requestBody": _BODY}
        }
        paths[f"{path}:image.png"] = {
            "get": _operation("One image by its seed.", [*parameters, *_QUERY], {"image/png": {}}, {"304": _SAME})
        }
        paths[f"{path}:manifest"] = {
            "get": _operation("The account of the model's export.", parameters, _json({"type": "object"}))
        }
    paths["/models.json"] = {"get": _operation("The models that are served.", [], _json({"type": "object"}))}
    paths["/healthz"] = {"get": _operation("Whether the server runs.", [], {"text/plain": {}})}
    paths["/readyz"] = {"get": _operation("Whether each model can be asked.", [], {"text/plain": {}})}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "keras_gan",
            "version": "1",
            "description": "Generators, by the REST API of TensorFlow Serving, and images by their seed.",
        },
        "paths": paths,
    }


_SAME = {"description": "What the client has is still right."}
_QUERY = [
    {"name": "seed", "in": "query", "schema": {"type": "integer", "minimum": 0, "maximum": 2**31 - 1, "default": 0}},
    {"name": "index", "in": "query", "schema": {"type": "integer", "minimum": 0, "maximum": 2**31 - 1, "default": 0}},
    {"name": "label", "in": "query", "schema": {"type": "integer", "minimum": 0}},
    {"name": "truncation", "in": "query", "schema": {"type": "number", "minimum": 0, "maximum": 10, "default": 1.0}},
    {"name": "version", "in": "query", "schema": {"type": "integer", "minimum": 0}},
]
_BODY = {
    "required": True,
    "content": {
        "application/json": {
            "schema": {
                "type": "object",
                "properties": {
                    "signature_name": {"type": "string"},
                    "instances": {"type": "array", "minItems": 1, "items": {}},
                    "inputs": {},
                },
                "oneOf": [{"required": ["instances"]}, {"required": ["inputs"]}],
            }
        }
    },
}


def _json(schema: dict[str, Any]) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}


def _operation(
    what: str, parameters: list[Any], content: dict[str, Any], more: dict[str, Any] | None = None
) -> dict[str, Any]:
    answers = {"200": {"description": what, "content": content}, **(more or {}), **_ERRORS}
    return {"summary": what, "parameters": parameters, "responses": answers}
