"""Adult social care: Client Level Data (CLD), release 1 and release 2, as a council's nightly extract.

The file: CSV with the headings of `headings.py` in any order, compared by letters and digits alone; UTF-8 unless the
sender declares cp1252; one row an event, the person's fields on each; dates 2025-04-01 or 01/04/2025; all rows of one
council and one reporting period. The period's end must move from file to file (yesterday, for a nightly extract): what
was recorded later replaces what was recorded earlier, and a service that is open in one file and missing from the next
is taken to have ended with the first file's period. `Sender.columns` may give the council's own heading for a field of
`EventRow`, and one for its case system's marker of restricted records (`restricted`), which the standard lacks.

What is not read: costs and funding; event references; free-text descriptions of anything but services.

Choices of ours, where the source leaves them open. A file in which a row could not be read that may tell of a service,
or which holds no service at all, closes none. Reasons for support are closed as services are. A request gives the
council a reason to ask only if it went further, and for a year. Identity, address and circumstances are stated once for
each person in a file, and again where a later row says otherwise.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, Final

from app.adapters.social_care_cld.extract import Extract
from app.adapters.social_care_cld.headings import HEADINGS, event_rows
from app.vocabulary.category import Category
from app.vocabulary.statement import Finding, Sender, Utterance

_COVERS: Final = frozenset(
    map(
        Category,
        ("demographics", "ethnicity", "address", "gp-practice", "contacts", "requirements", "problems",
         "social-context", "support-reason", "referrals", "assessments", "care-packages", "care-plans"),
    )
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ClientLevelData:
    """The adapter. Two rows about one event are told of, and the one that stands by the published order is stated last.

    A row is refused by the source's rule ids (`CLD-R1` and the heading); people without an NHS number are stated with
    their council number alone, also where another row has the number: whose they are is not for a file to guess.
    """

    name: str = "social-care-cld"
    covers: frozenset[Category] = _COVERS
    fields: frozenset[str] = frozenset(HEADINGS)

    def read(self, message: BinaryIO, sender: Sender) -> Iterator[Utterance]:
        """Say what an extract says; raises `UnreadableMessage` as `app.adapters.delimited.rows` does."""
        extract = Extract()
        for found in event_rows(message, sender):
            if isinstance(found, Finding):
                extract.miss(found.line)
                yield found
            else:
                yield from extract.take(found)
        yield from extract.close()


ADAPTER: Final = ClientLevelData()
