"""What is sent: a reference by an opaque id, and nothing of the person. Pure.

A Bundle of the R5 subscriptions backport for R4, of content type `id-only`; its one Parameters is the status.
"""

from typing import Any, Final
from uuid import UUID

import orjson

from app.subscriptions.subscription import Subscription

TOPICS: Final = "https://pisano.example/fhir/SubscriptionTopic"
_STATUS: Final = "http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/backport-subscription-status-r4"


def handshake(subscription: Subscription, base: str) -> bytes:
    """The first: its receiver answers with the challenge that came with it."""
    return _bundle(subscription, base, "handshake", [])


def event(subscription: Subscription, base: str, *, number: int, focus: str) -> bytes:
    """What happened to `focus`, such as `Condition/7`; `number` is the delivery's, however often it is tried."""
    reference = {"reference": f"{base}/{focus}"}
    told = [{"name": "event-number", "valueString": str(number)}, {"name": "focus", "valueReference": reference}]
    return _bundle(subscription, base, "event-notification", [{"name": "notification-event", "part": told}])


def _bundle(subscription: Subscription, base: str, kind: str, events: list[dict[str, Any]]) -> bytes:
    own = f"{base}/Subscription/{subscription.id}"
    status = {
        "resourceType": "Parameters",
        "meta": {"profile": [_STATUS]},
        "parameter": [
            {"name": "subscription", "valueReference": {"reference": own}},
            {"name": "topic", "valueCanonical": f"{TOPICS}/{subscription.topic}"},
            {"name": "status", "valueCode": subscription.status},
            {"name": "type", "valueCode": kind},
            *events,
        ],
    }
    entry = {
        "fullUrl": f"urn:uuid:{UUID(int=subscription.id.int ^ 1)}",
        "resource": status,
        "request": {"method": "GET", "url": f"{own}/$status"},
        "response": {"status": "200"},
    }
    return orjson.dumps({"resourceType": "Bundle", "type": "history", "entry": [entry]})
