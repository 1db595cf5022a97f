"""A subscription as FHIR R4 writes it. Pure."""

from typing import Any, NamedTuple

import orjson

from app.fhir.answers import MEDIA_TYPE
from app.fhir.read.matching import NotUnderstood
from app.record.kept.changes import Topic
from app.subscriptions.notification import TOPICS
from app.subscriptions.subscription import Subscription

TOLD_ONCE = "https://pisano.example/fhir/StructureDefinition/subscription-secret"
"""The extension that holds the secret."""


class Asked(NamedTuple):
    """What a Subscription asks for."""

    topic: Topic
    endpoint: str


def read(content: bytes) -> Asked:
    """Read a Subscription; raises `NotUnderstood`."""
    try:
        resource = orjson.loads(content)
        channel = resource["channel"]
        if resource["resourceType"] != "Subscription" or channel["type"] != "rest-hook":
            raise KeyError("type")
        topic = Topic(resource["criteria"].removeprefix(f"{TOPICS}/"))
        if channel.get("payload", MEDIA_TYPE) != MEDIA_TYPE or channel.get("header") or not channel["endpoint"]:
            raise KeyError("channel")
        return Asked(topic, str(channel["endpoint"]))
    except (KeyError, TypeError, AttributeError, ValueError):
        topics = ", ".join(f"{TOPICS}/{topic}" for topic in Topic)
        raise NotUnderstood(
            f"send a Subscription whose criteria is one of {topics}, with a channel of type rest-hook that has an"
            f" endpoint, no header, and no payload but {MEDIA_TYPE}"
        ) from None


def written(one: Subscription, *, secret: str | None = None) -> dict[str, Any]:
    """A Subscription; its secret is told once, when it is made."""
    resource: dict[str, Any] = {
        "resourceType": "Subscription",
        "id": str(one.id),
        "meta": {"lastUpdated": one.created.isoformat()},
        "status": one.status,
        "reason": "to be told",
        "criteria": f"{TOPICS}/{one.topic}",
        "channel": {"type": "rest-hook", "endpoint": one.endpoint, "payload": MEDIA_TYPE},
    }
    if one.error is not None:
        resource["error"] = one.error
    if secret is not None:
        resource["extension"] = [{"url": TOLD_ONCE, "valueString": secret}]
    return resource
