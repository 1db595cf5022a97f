"""How the parties keep to it, in words: what is done, kept, told and asked of whom, a function a section of the paper.

Pure.
"""

from collections.abc import Iterator

from app.sharing.compile import version_of
from app.sharing.published.blocks import Block, Paragraph, Table, table
from app.sharing.published.phrases import FLAGS, day, listed, long
from app.sharing.published.words import Words
from app.sharing.written.undertaking import LONGEST_PERMISSION, AuditTerms
from app.vocabulary.flag import FlagKind


def obligations(words: Words) -> list[Block]:
    """What must be done beside."""
    rows = [(each.title, words.obliged(name)) for name, each in words.agreement.obligations.items()]
    return [Table(("What is done", "When"), tuple(rows))]


def retention(words: Words) -> list[Block]:
    """How long things are kept."""
    rows = [(each.what, long(each.keep), each.reason) for each in words.agreement.retention]
    return [*table(("What", "Kept for", "Why"), rows)]


def audit(words: Words) -> list[Block]:
    """What is written down of every look, who reads it, and what the person is told."""
    audit = words.agreement.audit
    if audit is None:
        return []
    reports = f"Each party is told every {long(audit.reports)}. {words.office(audit.asked_of)} answers for the trail."
    return [
        Paragraph(each)
        for each in (*audit.told, reports, *_kept(audit), *_trail_reading(words, audit), *_own_looks(words, audit))
    ]


def _kept(audit: AuditTerms) -> Iterator[str]:
    if audit.keep:
        yield f"What it says is deleted after {long(audit.keep)}; its hashes stay."
    if alerts := audit.keep_alerts or audit.keep:
        closed = f"{long(alerts)} after it was closed"
        yield f"An alert and what was noted of it are deleted {closed}; one that is open stays."


def _trail_reading(words: Words, audit: AuditTerms) -> Iterator[str]:
    if (read := audit.read) is not None:
        readers = listed(words.role_titles(read.by))
        yield f"The trail is read by: {readers}, each for the staff of their own organisation."
        if read.of_all_at:
            yield f"At {words.parties(read.of_all_at)} they read it for the staff of every party."
        named = "are named" if read.staff_named else "are told by role and organisation, and not by name"
        yield f"Where a person asks who saw their record, staff {named}."


def _own_looks(words: Words, audit: AuditTerms) -> Iterator[str]:
    if (own := audit.themselves) is None:
        yield "Nobody is told by signing in for themselves who looked at their record: they ask."
        return
    headings = listed(category.heading for category in sorted(words.agreement.expand(own.kept_back)))
    yield f"Whoever signs in for themselves is told who looked at their record, and reads: “{own.says}”"
    yield (
        f"Not told to them: looks at what stands under {headings}; what was done for a purpose that rests on the"
        " public interest; what is more sensitive than a clause covers that names no sensitivity; and what somebody"
        " just now looks into."
    )
    despite = f", except where {listed(FLAGS[FlagKind(flag)] for flag in own.told_despite)}" if own.told_despite else ""
    yield f"They are told nothing at all while a flag of theirs is raised{despite}."


def case_studies(words: Words) -> list[Block]:
    """When a story may be told."""
    stories = words.agreement.case_studies
    if stories is None:
        return []
    lasts = long(stories.permission_lasts or LONGEST_PERMISSION)
    ends = f"A permission lasts {lasts} at most; then whoever gave it is asked again."
    return [Paragraph(each) for each in (*stories.told, ends)]


def incidents(words: Words) -> list[Block]:
    """What is done when something went wrong."""
    incidents = words.agreement.incidents
    if incidents is None:
        return []
    told = f"Told: {words.office(incidents.told)}; the parties within {long(incidents.within)}."
    return [Paragraph(each) for each in (told, *incidents.steps)]


def rights(words: Words) -> list[Block]:
    """What a person may ask for."""
    rows = [
        (each.title, each.law, words.office(each.asked_of), long(each.within), each.how)
        for each in words.agreement.rights
    ]
    return [*table(("Right", "Law", "Asked of", "Within", "How"), rows)]


def review(words: Words) -> list[Block]:
    """When the parties look at it anew."""
    review, by = words.agreement.review, day(words.agreement.review_by)
    ahead = listed(map(long, words.agreement.review_warned()))
    text = f"The parties review this agreement by {by}; {ahead} ahead they are warned."
    if review is not None:
        then = "it permits nothing until they have" if review.overdue == "suspend" else "it stays in force"
        parties = "all parties" if review.by == "all" else words.parties(review.by)
        text += f" Then every {long(review.every)}, by {parties}. Where they have not, {then}."
    return [Paragraph(text)]


def contacts(words: Words) -> list[Block]:
    """Whom to ask."""
    rows = [
        (words.office(name), each.email or "", each.telephone or "") for name, each in words.agreement.contacts.items()
    ]
    return [*table(("Office", "Email", "Telephone"), rows)]


def examples(words: Words) -> list[Block]:
    """What the parties meant."""
    expected = {"permit": "shown", "deny": "not shown"}
    rows = [(each.says, expected[each.expect]) for each in words.agreement.examples]
    note = Paragraph("Each is executed whenever the agreement is read: where one fails, it cannot be used.")
    return [note, Table(("What the parties meant", "It is"), tuple(rows))]


def signatures(words: Words) -> list[Block]:
    """Who signs."""
    rows = [(party.name, party.signatory or "", "", "") for party in words.agreement.parties]
    note = Paragraph(
        f"The parties agree to what has the compiled hash {version_of(words.agreement).sha256}, and to nothing else."
    )
    return [note, Table(("Party", "Office", "Signature", "Date"), tuple(rows))]
