"""FHIR R4 at the door of `/api`: observations in, answers out."""

from __future__ import annotations

import msgspec
from starlette.responses import Response

from salus.contracts.services import Prediction
from salus.contracts.tasks import Task
from salus.gateway.negotiation import FHIR_JSON
from salus.gateway.questions import Question
from salus.standards.fhir.answers import write_answer, write_answers


def write_fhir_answer(task: Task, prediction: Prediction, question: Question) -> Response:
    """The answer as a resource; to several samples as a Bundle.

    Raises:
        UnsupportedInput: FHIR has no resource for such an answer.
    """
    if len(prediction.abstentions) == 1:
        resource = write_answer(
            task, prediction, 0, subject=question.subject, basis=question.basis, origin=question.origin
        )
    else:
        resource = write_answers(task, prediction)
    return Response(msgspec.json.encode(resource), media_type=FHIR_JSON)
