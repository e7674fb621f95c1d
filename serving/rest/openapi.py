"""OpenAPI document of the REST API."""

from __future__ import annotations

from typing import Any

from keras_gan.serving.models.image_file import FORMATS
from keras_gan.serving.models.models import Models

_ERROR = {
    "description": "An error.",
    "content": {
        "application/json": {
            "schema": {"type": "object", "required": ["error"], "properties": {"error": {"type": "string"}}}
        }
    },
}
_ERRORS = {str(status): _ERROR for status in (400, 401, 404, 413, 415, 503, 504)}


def document(models: Models) -> dict[str, Any]:
    """Returns an OpenAPI 3.1 document.

    Args:
        models: Models of the server. The document has the names of those that are available.
    """
    names = models.names()
    name = {"name": "model", "in": "path", "required": True, "schema": {"type": "string", "enum": names or ["none"]}}
    version = {"name": "version", "in": "path", "required": True, "schema": {"type": "integer", "minimum": 0}}
    json = {"application/json": {"schema": {"type": "object"}}}
    paths: dict[str, Any] = {}
    for path, parameters in (
        ("/v1/models/{model}", [name]),
        ("/v1/models/{model}/versions/{version}", [name, version]),
    ):
        image = _operation("One image by its seed.", [*parameters, *_QUERY], {"image/png": {}}, {"304": _NOT_MODIFIED})
        predict = _operation("Run the model.", parameters, json)
        paths[path] = {"get": _operation("State of the model's versions.", parameters, json)}
        paths[f"{path}/metadata"] = {"get": _operation("Inputs and outputs of the model.", parameters, json)}
        paths[f"{path}:predict"] = {"post": {**predict, "requestBody": _BODY}}
        translation = _operation("Translation of an image.", [*parameters, _QUERY[-1]], {"image/png": {}})
        files: dict[str, Any] = {f"image/{form.lower()}": {} for form in FORMATS}
        paths[f"{path}:image.png"] = {
            "get": image,
            "post": {**translation, "requestBody": {"required": True, "content": files}},
        }
        paths[f"{path}:manifest"] = {"get": _operation("Manifest of the model's export.", parameters, json)}
    paths["/models.json"] = {"get": _operation("Models of the server.", [], json)}
    paths["/healthz"] = {"get": _operation("The server runs.", [], {"text/plain": {}})}
    paths["/readyz"] = {"get": _operation("A model can answer.", [], {"text/plain": {}})}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "keras_gan",
            "version": "1",
            "description": "Generators on TensorFlow Serving's REST API, and images by their seed.",
        },
        "paths": paths,
    }


_NOT_MODIFIED = {"description": "The image has not changed."}
_QUERY = [
    {"name": "seed", "in": "query", "schema": {"type": "integer", "minimum": 0, "maximum": 2**31 - 1, "default": 0}},
    {"name": "index", "in": "query", "schema": {"type": "integer", "minimum": 0, "maximum": 2**31 - 1, "default": 0}},
    {
        "name": "label",
        "in": "query",
        "description": "Number of a class, or its name in the manifest.",
        "schema": {"anyOf": [{"type": "integer", "minimum": 0}, {"type": "string"}]},
    },
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


def _operation(
    summary: str, parameters: list[Any], content: dict[str, Any], more: dict[str, Any] | None = None
) -> dict[str, Any]:
    answers = {"200": {"description": summary, "content": content}, **(more or {}), **_ERRORS}
    return {"summary": summary, "parameters": parameters, "responses": answers}
