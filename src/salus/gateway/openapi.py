"""The description of `/api/v1` (OpenAPI 3.1, https://spec.openapis.org/oas/v3.1.0), with an example on each operation.

Schemas are made from the structures that the routes write, so the two cannot differ.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from salus.gateway.answer_views import PredictionView
from salus.gateway.errors import Problem
from salus.gateway.house_views import Health, PackageList
from salus.gateway.negotiation import FHIR_JSON, MARKDOWN
from salus.gateway.openapi_examples import EXAMPLES, SERVICE
from salus.gateway.openapi_jobs import STRUCTURES, describe_jobs
from salus.gateway.question_rows import TableQuestion
from salus.gateway.questions import IMAGE_FIELD
from salus.gateway.service_views import Detail, SummaryList
from salus.gateway.settings import GatewaySettings
from salus.registry.entries import PackageRecord

_STRUCTURES: tuple[type, ...] = (
    Health,
    SummaryList,
    Detail,
    TableQuestion,
    PredictionView,
    PackageList,
    PackageRecord,
    Problem,
    *STRUCTURES,
)
_INFER_REQUEST: dict[str, Any] = {
    "type": "object",
    "description": "A request of the Open Inference Protocol (REST, version 2), to be sent to /v2/models/{name}/infer.",
    "required": ["inputs"],
    "properties": {
        "id": {"type": "string"},
        "inputs": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "required": ["name", "shape", "datatype", "data"],
                "properties": {
                    "name": {"type": "string"},
                    "shape": {"type": "array", "items": {"type": "integer"}},
                    "datatype": {"type": "string"},
                    "data": {"type": "array"},
                },
            },
        },
    },
}
_FHIR_RESOURCE: dict[str, Any] = {
    "type": "object",
    "description": "A resource of FHIR R4 (https://hl7.org/fhir/R4): asked with a Bundle of Observations, answered "
    "with a RiskAssessment or a GuidanceResponse, a Bundle of them for several samples, errors with an "
    "OperationOutcome.",
    "required": ["resourceType"],
    "properties": {"resourceType": {"type": "string"}},
}
_KEY_NEEDED: list[dict[str, list[str]]] = [{"bearer": []}, {"apiKey": []}]


def build_openapi(version: str, settings: GatewaySettings) -> dict[str, Any]:
    """The document. `version` is that of Salus; `settings` decide which operations need a key."""
    _, schemas = msgspec.json.schema_components(_STRUCTURES, ref_template="#/components/schemas/{name}")
    reading = [] if settings.public_catalogue else _KEY_NEEDED
    answers = _answer_paths()
    jobs = describe_jobs(answers["/api/v1/services/{name}/predictions"]["post"])
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Salus",
            "version": version,
            "summary": "Model services for health: what is deployed, answers, and their reasons.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "paths": {**_catalogue_paths(reading), **_service_paths(reading), **answers, **jobs, **_package_paths()},
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer"},
                "apiKey": {"type": "apiKey", "in": "header", "name": "X-Api-Key"},
            },
        },
    }


def _catalogue_paths(reading: list[dict[str, list[str]]]) -> dict[str, Any]:
    health = _get("health", "Whether every service answers", _json("Health", EXAMPLES["health"]), security=[])
    health["responses"]["503"] = {
        "description": "A service does not answer now",
        "content": _json("Health", {**EXAMPLES["health"], "status": "unavailable"}),
    }
    metrics = {"text/plain": {"schema": {"type": "string"}, "example": "salus_queue_samples 0.0"}}
    document = {"application/json": {"schema": {"type": "object"}, "example": {"openapi": "3.1.0"}}}
    return {
        "/api/v1/health": {"get": health},
        "/api/v1/openapi.json": {"get": _get("openapi", "This description", document, security=reading)},
        "/api/v1/services": {
            "get": _get("listServices", "All services", _json("SummaryList", EXAMPLES["services"]), security=reading)
        },
        "/metrics": {"get": _get("metrics", "Figures for Prometheus", metrics, security=reading)},
    }


_LANGUAGE = {
    "name": "language",
    "in": "query",
    "description": "Of a card in plain words.",
    "schema": {"type": "string", "enum": ["en", "zh"], "default": "en"},
    "example": "en",
}


def _service_paths(reading: list[dict[str, list[str]]]) -> dict[str, Any]:
    root, name = "/api/v1/services/{name}", _path_parameter("name", SERVICE)
    card = {"text/markdown": {"schema": {"type": "string"}, "example": "# Malignant or benign breast mass"}}
    png = {"image/png": {"schema": {"type": "string", "contentMediaType": "image/png"}, "example": "(a PNG file)"}}
    picture = _path_parameter("picture", "roc")
    infer = {"application/json": {"schema": _INFER_REQUEST, "example": EXAMPLES["infer_request"]}}
    operations = {
        root: _get("describeService", "All about a service", _json("Detail", EXAMPLES["service"]), name),
        f"{root}/card": _get("readCard", "A service's card", card, name, _LANGUAGE),
        f"{root}/example.json": _get("readExampleRequest", "A request to try the service with", infer, name),
        f"{root}/example.png": _get("readExample", "A picture to try the service with", png, name),
        f"{root}/pictures/{{picture}}.png": _get("readPicture", "A figure of the evaluation", png, name, picture),
    }
    return {path: {"get": {**operation, "security": reading}} for path, operation in operations.items()}


def _answer_paths() -> dict[str, Any]:
    files = {
        "type": "array",
        "minItems": 1,
        "items": {"type": "string", "contentMediaType": "application/octet-stream"},
    }
    form = {"type": "object", "properties": {IMAGE_FIELD: files}, "required": [IMAGE_FIELD]}
    body = {
        "required": True,
        "description": "Numbers, observations over time and documents: samples as JSON. Pictures: PNG, JPEG or DICOM "
        "files in a form. Where all inputs have codes: a FHIR R4 Bundle of one patient's Observations.",
        "content": {
            **_json_of_kinds("TableQuestion", EXAMPLES["question"]),
            "multipart/form-data": {"schema": form, "example": {IMAGE_FIELD: ["(a PNG, JPEG or DICOM file)"]}},
            FHIR_JSON: {"schema": _FHIR_RESOURCE, "example": EXAMPLES["fhir_question"]},
        },
    }
    others = {
        FHIR_JSON: {"schema": _FHIR_RESOURCE, "example": EXAMPLES["fhir_answer"]},
        MARKDOWN: {"schema": {"type": "string"}, "example": "# Tamoxifen after surgery, or not?"},
    }
    paths = {}
    for noun, verb, words in (("prediction", "predict", "Answers"), ("explanation", "explain", "Answers with reasons")):
        paths[f"/api/v1/services/{{name}}/{noun}s"] = {
            "post": {
                "operationId": verb,
                "summary": words,
                "parameters": [_path_parameter("name", SERVICE), *([_LANGUAGE] if noun == "prediction" else [])],
                "requestBody": body,
                "responses": _responses(
                    {**_json_of_kinds("PredictionView", EXAMPLES[noun]), **(others if noun == "prediction" else {})},
                    outcome={FHIR_JSON: {"schema": _FHIR_RESOURCE, "example": EXAMPLES["fhir_outcome"]}},
                ),
                "security": _KEY_NEEDED,
            }
        }
    return paths


def _package_paths() -> dict[str, Any]:
    one = (_path_parameter("name", SERVICE), _path_parameter("version", "3"))
    listing = _get("listPackages", "All packages of the registry", _json("PackageList", EXAMPLES["packages"]))
    record = _get("describePackage", "One package", _json("PackageRecord", EXAMPLES["package"]), *one)
    return {
        "/api/v1/packages": {"get": {**listing, "security": _KEY_NEEDED}},
        "/api/v1/packages/{name}/{version}": {"get": {**record, "security": _KEY_NEEDED}},
    }


def _get(
    operation: str,
    summary: str,
    content: Mapping[str, Any],
    *parameters: Mapping[str, Any],
    security: list[dict[str, list[str]]] | None = None,
) -> dict[str, Any]:
    return {
        "operationId": operation,
        "summary": summary,
        "parameters": list(parameters),
        "responses": _responses(content),
        "security": _KEY_NEEDED if security is None else security,
    }


def _responses(content: Mapping[str, Any], *, outcome: Mapping[str, Any] | None = None) -> dict[str, Any]:
    problem = {
        "application/problem+json": {
            "schema": {"$ref": "#/components/schemas/Problem"},
            "example": EXAMPLES["problem"],
        }
    }
    return {
        "200": {"description": "Done", "content": content},
        "default": {"description": "What went wrong (RFC 9457): 400, 401, 403, 404, 413, 415, 429, 500, 503 or 504",
                    "content": {**problem, **(outcome or {})}},
    }  # fmt: skip


def _json(schema: str, example: object) -> dict[str, Any]:
    return {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}, "example": example}}


def _json_of_kinds(schema: str, examples: Mapping[str, object]) -> dict[str, Any]:
    """JSON with an example for each kind of question."""
    by_kind = {kind: {"summary": f"{kind[0].upper()}{kind[1:]}", "value": value} for kind, value in examples.items()}
    return {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}, "examples": by_kind}}


def _path_parameter(name: str, example: str) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "schema": {"type": "string"}, "example": example}
