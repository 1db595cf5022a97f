"""What somebody asks of the record."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.identity.requester import Requester
from app.vocabulary.token import Purpose


@dataclass(frozen=True, slots=True, kw_only=True)
class Inquiry:
    """Who asks, what for, and when; `id` names it in the trail and in logs."""

    id: UUID
    requester: Requester
    purpose: Purpose
    at: datetime
