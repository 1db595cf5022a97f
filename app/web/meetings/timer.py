"""The clock of whoever is under discussion, as a page shows it. Pure."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple


class Timer(NamedTuple):
    """How long somebody has been discussed by now, of how many minutes."""

    seconds: int
    minutes: int

    @property
    def says(self) -> str:
        """`6 of 10 minutes`, as it stands where no script counts on."""
        return f"{self.seconds // 60} of {self.minutes} minutes"

    @property
    def is_over(self) -> bool:
        """Whether the planned time is used up."""
        return self.seconds >= self.minutes * 60


def timer(item: Mapping[str, Any], at: datetime) -> Timer:
    """The clock at an instant: all whiles that ended, and the one that goes on."""
    since = item["running_since"]
    running = int((at - since).total_seconds()) if since else 0
    return Timer(item["discussed_seconds"] + max(running, 0), item["minutes"])
