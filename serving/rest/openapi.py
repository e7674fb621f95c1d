"""OpenAPI document of the REST API."""

from __future__ import annotations

from typing import Any

from keras_gan.serving.models.image_file import FORMATS
from keras_gan.serving.models.models import Models

_SCHEMA = {"type": "object", "required": ["error"], "properties": {"error": {"type": "string"}}}
_ERROR = {"description": "An error.", "content": {"application/json": {"schema": _SCHEMA}}}
_ERRORS = {str(status): _ERROR for status in (400, 401, 404, 413, 415, 503, 504)}
_JSON: dict[str, Any] = {"application/json": {"schema": {"type": "object"}}}
_NATURAL = {"type": "integer", "minimum": 0}
_INT32 = {**_NATURAL, "maximum": 2**31 - 1, "default": 0}
_LABEL = {"anyOf": [_NATURAL, {"type": "string"}], "description": "Number of a class, or its name in the manifest."}
_TRUNCATION = {"type": "number", "minimum": 0, "maximum": 10, "default": 1.0}
_VERSION = {"name": "version", "in": "query", "schema": _NATURAL}
_QUERY = [
    *(
        {"name": name, "in": "query", "schema": schema}
        for name, schema in (("seed", _INT32), ("index", _INT32), ("label", _LABEL), ("truncation", _TRUNCATION))
    ),
    _VERSION,
]
_PREDICT = {
    "type": "object",
    "properties": {
        "signature_name": {"type": "string"},
        "instances": {"type": "array", "minItems": 1, "items": {}},
        "inputs": {},
    },
    "oneOf": [{"required": ["instances"]}, {"required": ["inputs"]}],
}


def document(models: Models) -> dict[str, Any]:
    """Returns an OpenAPI 3.1 document. It has the names of the models that are available."""
    name = {"type": "string", "enum": models.names() or ["none"]}
    parameters = [{"name": "model", "in": "path", "required": True, "schema": name}]
    version = {"name": "version", "in": "path", "required": True, "schema": _NATURAL}
    text: dict[str, Any] = {"text/plain": {}}
    paths = {
        "/models.json": {"get": _operation("Models of the server.", [], _JSON)},
        "/healthz": {"get": _operation("The server runs.", [], text)},
        "/readyz": {"get": _operation("A model can answer.", [], text)},
        **_model_paths("/v1/models/{model}", parameters),
        **_model_paths("/v1/models/{model}/versions/{version}", [*parameters, version]),
    }
    about = "Generators on TensorFlow Serving's REST API, and images by their seed."
    return {"openapi": "3.1.0", "info": {"title": "keras_gan", "version": "1", "description": about}, "paths": paths}


def _model_paths(path: str, parameters: list[Any]) -> dict[str, Any]:
    png: dict[str, Any] = {"image/png": {}}
    files: dict[str, Any] = {f"image/{form.lower()}": {} for form in FORMATS}
    image = _operation("One image by its seed.", [*parameters, *_QUERY], png)
    image["responses"]["304"] = {"description": "The image has not changed."}
    translation = _operation("Translation of an image.", [*parameters, _VERSION], png, files)
    return {
        path: {"get": _operation("State of the model's versions.", parameters, _JSON)},
        f"{path}/metadata": {"get": _operation("Inputs and outputs of the model.", parameters, _JSON)},
        f"{path}:manifest": {"get": _operation("Manifest of the model's export.", parameters, _JSON)},
        f"{path}:predict": {
            "post": _operation("Run the model.", parameters, _JSON, {"application/json": {"schema": _PREDICT}})
        },
        f"{path}:image.png": {"get": image, "post": translation},
    }


def _operation(
    summary: str, parameters: list[Any], content: dict[str, Any], body: dict[str, Any] | None = None
) -> dict[str, Any]:
    answers = {"200": {"description": summary, "content": content}, **_ERRORS}
    operation = {"summary": summary, "parameters": parameters, "responses": answers}
    return operation if body is None else {**operation, "requestBody": {"required": True, "content": body}}
