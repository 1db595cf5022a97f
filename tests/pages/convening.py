"""A meeting of the served place, as far along as a story needs it: each step over HTTP, as anyone takes it."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
from starlette.testclient import TestClient

from app.identity.tokens import issue, token_key
from app.settings import Settings
from app.vocabulary.london import london_date
from tests.conftest import PATIENCE
from tests.mdt.conftest import referral

FATHER, SON, WOMAN, NEIGHBOUR = "9990000018", "9990000026", "9990000034", "9990000123"
TEAM = ("chair", "nurse", "social-worker", "gp", "mental-health", "coordinator")


class Team:
    """Northgate's team, each member by a token of their own."""

    def __init__(self, client: httpx.Client | TestClient, settings: Settings) -> None:
        self._client, self._settings = client, settings

    def _headers(self, username: str) -> dict[str, str]:
        token = issue(token_key(self._settings), username, role=None, at=datetime.now(UTC))
        return {"authorization": f"Bearer {token}"}

    def does(self, username: str, path: str, /, *, purpose: str = "mdt", **form: Any) -> Any:
        told = self._client.post(path, params={"purpose": purpose}, headers=self._headers(username), json=form)
        assert told.is_success, told.text
        return told.json()

    def sends(self, username: str, path: str, /, **form: str) -> str:
        """A page's form; returns where it leads on to."""
        told = self._client.post(path, headers=self._headers(username) | {"accept": "text/html"}, data=form)
        assert told.is_redirect, told.text
        return told.headers["location"]

    def asks(self, username: str, path: str) -> Any:
        told = self._client.get(path, headers=self._headers(username))
        assert told.is_success, told.text
        return told.json()

    def on_caseload(self, nhs_number: str, username: str = "nurse", **changes: Any) -> str:
        """Referred and accepted; the id of the referral."""
        person = self.does(username, "/api/persons/lookup", purpose="direct-care", nhs_number=nhs_number)
        made = self.does(
            username, "/api/mdt/referrals", purpose="direct-care", **referral(UUID(person["id"])) | changes
        )  # fmt: skip
        self.does("chair", f"/api/mdt/referrals/{made['id']}/accept", version=made["version"], reason="For the team")
        return str(made["id"])

    def next_meeting(self, nth: int = 0) -> str:
        until = london_date(datetime.now(UTC)) + timedelta(days=180)
        self.does("coordinator", "/api/mdt/meetings", locality="northgate", until=str(until))
        listed = self.asks("chair", f"/api/mdt/meetings?locality=northgate&last={until}")
        return str([one["id"] for one in listed if one["state"] == "planned"][nth])

    def version(self, meeting: str) -> int:
        return int(self.asks("chair", f"/api/mdt/meetings/{meeting}")["version"])

    def agenda(self, meeting: str) -> list[dict[str, Any]]:
        return list(self.asks("chair", f"/api/mdt/meetings/{meeting}")["agenda"])

    def item(self, item: str) -> dict[str, Any]:
        return dict(self.asks("chair", f"/api/mdt/items/{item}"))

    def invited(self, meeting: str) -> None:
        self.does("coordinator", f"/api/mdt/meetings/{meeting}/invite-core", version=self.version(meeting))

    def listed(self, meeting: str) -> None:
        """Everybody who waits is put on its agenda."""
        self.does("coordinator", f"/api/mdt/meetings/{meeting}/fill", version=self.version(meeting))

    def with_guests(self, meeting: str, guests: Mapping[str, str]) -> None:
        """The landlord's, by account and name, for whoever is first on its agenda; `housing-officer` said they come."""
        first = self.agenda(meeting)[0]["id"]
        for account, name in guests.items():
            self.does(
                "coordinator",
                "/api/mdt/invitations",
                meeting_id=meeting,
                items=[first],
                name=name,
                organisation="WH100",
                profile="housing",
                account=account,
                reason="The broken window",
            )
        [theirs] = self.asks("housing-officer", "/api/mdt/invitations")
        self.does("housing-officer", f"/api/mdt/invitations/{theirs['id']}/accept", version=theirs["version"])

    def all_listed(self, meeting: str) -> None:
        """Whoever waits beyond its slots too."""
        self.listed(meeting)
        waiting = self.asks("coordinator", f"/api/mdt/meetings/{meeting}/proposal")["waiting"]
        for one in waiting:
            question = "What next?"
            self.does(
                "coordinator", "/api/mdt/items", meeting_id=meeting, caseload_id=one["caseload_id"], question=question
            )

    def begun(self, meeting: str) -> None:
        """Locked, the team arrived, and started."""
        state = self.asks("chair", f"/api/mdt/meetings/{meeting}")["state"]
        if state == "planned":
            self.does("coordinator", f"/api/mdt/meetings/{meeting}/lock", version=self.version(meeting), early=True)
        if state in ("planned", "locked"):
            for username in TEAM:
                self.does(username, "/api/mdt/arrivals", meeting_id=meeting)
            self.does("chair", f"/api/mdt/meetings/{meeting}/start", version=self.version(meeting), early=True)

    def paused(self, meeting: str) -> None:
        """Nobody is under discussion."""
        for item in self.agenda(meeting):
            if item["state"] == "under-discussion":
                self.does("chair", f"/api/mdt/items/{item['id']}/pause", version=item["version"])

    def discussed(self, meeting: str, name: str) -> str:
        """Somebody of this family name is under discussion, whoever was before; the id of the item."""
        self.begun(meeting)
        agenda = self.agenda(meeting)
        [wanted] = [item for item in agenda if name in item["person"]["name"][0]["family"]]
        if wanted["state"] != "under-discussion":
            self.paused(meeting)
        if wanted["state"] == "listed":
            self.does("chair", f"/api/mdt/items/{wanted['id']}/begin", version=wanted["version"])
        return str(wanted["id"])


@contextmanager
def team(address: str, settings: Settings) -> Iterator[Team]:
    with httpx.Client(base_url=address, timeout=PATIENCE) as client:
        yield Team(client, settings)
