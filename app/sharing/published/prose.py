"""The agreement as the paper that its parties sign: the same source, section by section, as plain text in blocks.

Pure: `paper.py` lays it out. No block holds markup, so that nothing in an agreement can become any.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from app.sharing.compile import version_of
from app.sharing.published.phrases import ARTICLE_6, ARTICLE_9, COMMON_LAW, FLAGS, day, listed, long
from app.sharing.published.prose_clauses import Clauses
from app.sharing.written.document import Agreement, NoticeTexts
from app.sharing.written.undertaking import LONGEST_PERMISSION, AuditTerms
from app.vocabulary.category import CATEGORIES
from app.vocabulary.flag import FlagKind


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Running text."""

    text: str
    kind: str = "paragraph"


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under headings; each row as long as the headings."""

    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    kind: str = "table"


@dataclass(frozen=True, slots=True)
class Clause:
    """One clause: its id, why it stands there, and what it says, line by line."""

    id: str
    reason: str
    terms: tuple[tuple[str, str], ...]
    kind: str = "clause"


Block = Paragraph | Table | Clause


@dataclass(frozen=True, slots=True)
class Section:
    """A numbered section."""

    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """The whole agreement; `sha256` is the compiled hash that signatures cover and that the trail names."""

    title: str
    version: str
    sha256: str
    effective: str
    sections: tuple[Section, ...]


def paper(agreement: Agreement) -> Paper:
    """Write an agreement out; every section of the file is in it, in the order in which people read it."""
    version, writer = version_of(agreement), _Writer(agreement)
    return Paper(
        title=agreement.title,
        version=f"{version.id} {version.version}",
        sha256=version.sha256,
        effective=f"from {day(agreement.effective.from_)} until {day(agreement.effective.to)}",
        sections=tuple(Section(title, tuple(blocks)) for title, blocks in writer.sections() if blocks),
    )


class _Writer:
    def __init__(self, agreement: Agreement) -> None:
        self.agreement = agreement
        self.clauses = Clauses(agreement)
        self.offices = {
            name: f"{contact.office}, {self.clauses.parties((contact.party,))}"
            for name, contact in agreement.contacts.items()
        }

    def sections(self) -> Iterator[tuple[str, list[Block]]]:
        yield "Term", self.term()
        yield "Parties", self.parties()
        yield "Purposes and lawful bases", self.purposes()
        yield "What is shared", self.headings()
        yield "Roles", self.roles()
        yield "Relationships", self.relationships()
        yield "Who may see what", [Clause(*each) for each in self.clauses.grants()]
        yield "What is withheld", [*self.notices(), *(Clause(*each) for each in self.clauses.prohibitions())]
        yield "Objections", self.objections()
        yield "Special records", self.special_records()
        yield "Emergency access", [Clause(*each) for each in self.clauses.emergency_access()]
        yield "Guests of meetings", [Clause(*each) for each in self.clauses.guests()]
        yield "Onward disclosure", self.onward_disclosure()
        yield "Obligations", self.obligations()
        yield "Retention", self.retention()
        yield "Audit", self.audit()
        yield "Case studies", self.case_studies()
        yield "Incidents", self.incidents()
        yield "Rights of the person", self.rights()
        yield "Review", self.review()
        yield "Contacts", self.contacts()
        yield "Examples", self.examples()
        yield "Signatures", self.signatures()

    def term(self) -> list[Block]:
        effective = self.agreement.effective
        return [
            Paragraph(
                f"This agreement is in force from the start of {day(effective.from_)} until the start of"
                f" {day(effective.to)}, in London. What it says is carried out by the record service as it stands here:"
                " whatever no clause gives is denied, and whatever a clause forbids is denied whoever gives it."
            )
        ]

    def parties(self) -> list[Block]:
        rows = [
            (party.name, party.ods, party.kind.replace("-", " "), f"{party.controller} controller")
            for party in self.agreement.parties
        ]
        return [Table(("Party", "ODS code", "Kind", "Under UK GDPR"), tuple(rows))]

    def purposes(self) -> list[Block]:
        blocks: list[Block] = []
        for terms in self.agreement.purposes.values():
            asked = {"relationship": "a legitimate relationship", "training": "current training"}
            blocks.append(Paragraph(f"{terms.title}. It asks for {listed(asked[each] for each in terms.requires)}."))
            rows = [
                (
                    party.name,
                    f"6(1)({basis.art6}) {ARTICLE_6[basis.art6]}",
                    f"9(2)({basis.art9}) {ARTICLE_9[basis.art9]}",
                    basis.dpa18 or "none needed",
                    COMMON_LAW[basis.common_law],
                )
                for basis in terms.bases
                for party in self.agreement.parties
                if party.ods in self.agreement.organisations(basis.parties)
            ]
            headings = ("Party", "UK GDPR article 6", "UK GDPR article 9", "Data Protection Act 2018", "Common law")
            blocks.append(Table(headings, tuple(rows)))
        return blocks

    def headings(self) -> list[Block]:
        given = set(self.clauses.headings_given())
        rows = [
            (category.heading, "shared" if category in given else "not shared by any clause") for category in CATEGORIES
        ]
        ordinary = listed(self.clauses.sensitivities(self.agreement.ordinary))
        return [
            Paragraph(
                f"A clause that names no sensitivity covers {ordinary}. Anything stricter is shared only where a clause"
                " names it. A heading that no clause names is not shared."
            ),
            Table(("Heading", "Under this agreement"), tuple(rows)),
        ]

    def roles(self) -> list[Block]:
        rows = [
            (role.title, self.clauses.parties(role.at), listed(role.national) if role.national else "local role")
            for role in self.agreement.roles.values()
        ]
        note = Paragraph(
            "Whoever signs in asks in one role only. Elsewhere than at these parties a role counts for nothing."
        )
        return [note, Table(("Role", "Held at", "National codes"), tuple(rows))]

    def relationships(self) -> list[Block]:
        agreement = self.agreement
        rows = [
            (title, listed(terms.title for terms in agreement.purposes.values() if kind in terms.relationships))
            for kind, title in agreement.relationships.items()
        ]
        made = [
            (
                agreement.relationships[each.kind],
                {"colleague": "a colleague who has one of their own", "self": "whoever it is for"}[each.by],
                listed(self.clauses.role_titles(each.roles)),
                long(each.lasts),
                each.reason,
            )
            for each in agreement.made_relationships
        ]
        return [
            Table(("Legitimate relationship", "Suffices for"), tuple(rows)),
            *_table(("Made by staff", "By", "In the role of", "For", "Why"), made),
        ]

    def notices(self) -> Iterator[Block]:
        said = self.agreement.notices or NoticeTexts()
        yield Table(
            ("The viewer reads", "Where"),
            (
                (said.banner, "above every record"),
                (f"{said.not_for_role}: …", "with the headings that their role never sees, whether anything is there"),
                (said.withheld, "where a clause here says so; nothing of what, how much, whose or why"),
            ),
        )

    def objections(self) -> list[Block]:
        until = {"holds": "holds", "waits": "does not hold yet"}[self.agreement.objections.until_decided]
        deciders = listed(self.clauses.role_titles(self.agreement.objections.decided_by))
        return [
            Paragraph(
                "A person may object to all sharing, to one heading, to what one organisation recorded, to one"
                " organisation, or to one named person, seeing anything; and to being discussed at a team's meetings,"
                " or at one of them, which takes away what the meeting itself gives."
                f" Whether an objection is upheld is decided by: {deciders}. Until then it {until}."
            )
        ]

    def special_records(self) -> list[Block]:
        rows = [
            (
                FLAGS[FlagKind(each.flag)],
                listed(self.clauses.role_titles(each.roles)),
                "two people" if each.lifted_by_two else "one person",
                each.reason,
            )
            for each in self.agreement.special_records or ()
        ]
        return [*_table(("Raised where", "Raised and lifted by", "Lifted by", "Why"), rows)]

    def onward_disclosure(self) -> list[Block]:
        rows = [(each.to, each.when, each.law, self._asked(each.asked_of)) for each in self.agreement.onward_disclosure]
        note = Paragraph("Nothing is passed on to anyone who is not a party, except as this table says.")
        return [note, *_table(("To", "When", "By what law", "Who decides"), rows)]

    def obligations(self) -> list[Block]:
        rows = [(each.title, self.clauses.obliged(name)) for name, each in self.agreement.obligations.items()]
        return [Table(("What is done", "When"), tuple(rows))]

    def retention(self) -> list[Block]:
        rows = [(each.what, long(each.keep), each.reason) for each in self.agreement.retention]
        return [*_table(("What", "Kept for", "Why"), rows)]

    def audit(self) -> list[Block]:
        audit = self.agreement.audit
        if audit is None:
            return []
        reports = (
            f"Each party is told every {long(audit.reports)}. {self._asked(audit.asked_of)} answers for the trail."
        )
        return [
            Paragraph(each)
            for each in (*audit.told, reports, *self.kept(audit), *self.trail_reading(), *self.own_looks())
        ]

    def kept(self, audit: AuditTerms) -> Iterator[str]:
        if audit.keep:
            yield f"What it says is deleted after {long(audit.keep)}; its hashes stay."
        if alerts := audit.keep_alerts or audit.keep:
            closed = f"{long(alerts)} after it was closed"
            yield f"An alert and what was noted of it are deleted {closed}; one that is open stays."

    def trail_reading(self) -> Iterator[str]:
        read = self.agreement.audit.read if self.agreement.audit else None
        if read is not None:
            readers = listed(self.clauses.role_titles(read.by))
            yield f"The trail is read by: {readers}, each for the staff of their own organisation."
            if read.of_all_at:
                yield f"At {self.clauses.parties(read.of_all_at)} they read it for the staff of every party."
            named = "are named" if read.staff_named else "are told by role and organisation, and not by name"
            yield f"Where a person asks who saw their record, staff {named}."

    def own_looks(self) -> Iterator[str]:
        own = self.agreement.audit.themselves if self.agreement.audit else None
        if own is None:
            yield "Nobody is told by signing in for themselves who looked at their record: they ask."
            return
        headings = listed(category.heading for category in sorted(self.agreement.expand(own.kept_back)))
        yield f"Whoever signs in for themselves is told who looked at their record, and reads: “{own.says}”"
        yield (
            f"Not told to them: looks at what stands under {headings}; what was done for a purpose that rests on the"
            " public interest; what is more sensitive than a clause covers that names no sensitivity; and what somebody"
            " just now looks into."
        )
        despite = (
            f", except where {listed(FLAGS[FlagKind(flag)] for flag in own.told_despite)}" if own.told_despite else ""
        )
        yield f"They are told nothing at all while a flag of theirs is raised{despite}."

    def case_studies(self) -> list[Block]:
        stories = self.agreement.case_studies
        if stories is None:
            return []
        lasts = long(stories.permission_lasts or LONGEST_PERMISSION)
        ends = f"A permission lasts {lasts} at most; then whoever gave it is asked again."
        return [Paragraph(each) for each in (*stories.told, ends)]

    def incidents(self) -> list[Block]:
        incidents = self.agreement.incidents
        if incidents is None:
            return []
        told = f"Told: {self._asked(incidents.told)}; the parties within {long(incidents.within)}."
        return [Paragraph(each) for each in (told, *incidents.steps)]

    def rights(self) -> list[Block]:
        rows = [
            (each.title, each.law, self._asked(each.asked_of), long(each.within), each.how)
            for each in self.agreement.rights
        ]
        return [*_table(("Right", "Law", "Asked of", "Within", "How"), rows)]

    def review(self) -> list[Block]:
        review, by = self.agreement.review, day(self.agreement.review_by)
        ahead = listed(map(long, self.agreement.review_warned()))
        text = f"The parties review this agreement by {by}; {ahead} ahead they are warned."
        if review is not None:
            then = "it permits nothing until they have" if review.overdue == "suspend" else "it stays in force"
            parties = "all parties" if review.by == "all" else self.clauses.parties(review.by)
            text += f" Then every {long(review.every)}, by {parties}. Where they have not, {then}."
        return [Paragraph(text)]

    def contacts(self) -> list[Block]:
        rows = [
            (self.offices[name], each.email or "", each.telephone or "")
            for name, each in self.agreement.contacts.items()
        ]
        return [*_table(("Office", "Email", "Telephone"), rows)]

    def examples(self) -> list[Block]:
        expected = {"permit": "shown", "deny": "not shown"}
        rows = [(each.says, expected[each.expect]) for each in self.agreement.examples]
        note = Paragraph("Each is executed whenever the agreement is read: where one fails, it cannot be used.")
        return [note, Table(("What the parties meant", "It is"), tuple(rows))]

    def signatures(self) -> list[Block]:
        rows = [(party.name, party.signatory or "", "", "") for party in self.agreement.parties]
        note = Paragraph(
            f"The parties agree to what has the compiled hash {version_of(self.agreement).sha256}, and to nothing else."
        )
        return [note, Table(("Party", "Office", "Signature", "Date"), tuple(rows))]

    def _asked(self, contact: str) -> str:
        return self.offices[contact]


def _table(headings: tuple[str, ...], rows: list[Any]) -> Iterator[Table]:
    if rows:
        yield Table(headings, tuple(rows))
