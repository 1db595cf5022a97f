"""Who shares what with whom and what for, in words: a function a section of the paper. Pure."""

from collections.abc import Iterator

from app.sharing.published.blocks import Block, Paragraph, Table, table
from app.sharing.published.phrases import ARTICLE_6, ARTICLE_9, COMMON_LAW, FLAGS, day, listed, long
from app.sharing.published.words import Words
from app.sharing.written.document import NoticeTexts
from app.vocabulary.category import CATEGORIES
from app.vocabulary.flag import FlagKind


def term(words: Words) -> list[Block]:
    """From when until when."""
    effective = words.agreement.effective
    return [
        Paragraph(
            f"This agreement is in force from the start of {day(effective.from_)} until the start of"
            f" {day(effective.to)}, in London. What it says is carried out by the record service as it stands here:"
            " whatever no clause gives is denied, and whatever a clause forbids is denied whoever gives it."
        )
    ]


def parties(words: Words) -> list[Block]:
    """Who agrees."""
    rows = [
        (party.name, party.ods, party.kind.replace("-", " "), f"{party.controller} controller")
        for party in words.agreement.parties
    ]
    return [Table(("Party", "ODS code", "Kind", "Under UK GDPR"), tuple(rows))]


def purposes(words: Words) -> list[Block]:
    """What for, and by what law each party may."""
    blocks: list[Block] = []
    for terms in words.agreement.purposes.values():
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
            for party in words.agreement.parties
            if party.ods in words.agreement.organisations(basis.parties)
        ]
        headings = ("Party", "UK GDPR article 6", "UK GDPR article 9", "Data Protection Act 2018", "Common law")
        blocks.append(Table(headings, tuple(rows)))
    return blocks


def headings(words: Words) -> list[Block]:
    """Which headings of the record some clause gives."""
    given = set(words.headings_given())
    rows = [
        (category.heading, "shared" if category in given else "not shared by any clause") for category in CATEGORIES
    ]
    ordinary = listed(words.sensitivities(words.agreement.ordinary))
    return [
        Paragraph(
            f"A clause that names no sensitivity covers {ordinary}. Anything stricter is shared only where a clause"
            " names it. A heading that no clause names is not shared."
        ),
        Table(("Heading", "Under this agreement"), tuple(rows)),
    ]


def roles(words: Words) -> list[Block]:
    """Who asks."""
    rows = [
        (role.title, words.parties(role.at), listed(role.national) if role.national else "local role")
        for role in words.agreement.roles.values()
    ]
    note = Paragraph(
        "Whoever signs in asks in one role only. Elsewhere than at these parties a role counts for nothing."
    )
    return [note, Table(("Role", "Held at", "National codes"), tuple(rows))]


def relationships(words: Words) -> list[Block]:
    """Why somebody may ask about a person."""
    agreement = words.agreement
    rows = [
        (title, listed(terms.title for terms in agreement.purposes.values() if kind in terms.relationships))
        for kind, title in agreement.relationships.items()
    ]
    made = [
        (
            agreement.relationships[each.kind],
            {"colleague": "a colleague who has one of their own", "self": "whoever it is for"}[each.by],
            listed(words.role_titles(each.roles)),
            long(each.lasts),
            each.reason,
        )
        for each in agreement.made_relationships
    ]
    return [
        Table(("Legitimate relationship", "Suffices for"), tuple(rows)),
        *table(("Made by staff", "By", "In the role of", "For", "Why"), made),
    ]


def notices(words: Words) -> Iterator[Block]:
    """What whoever reads is told of what is not shown."""
    said = words.agreement.notices or NoticeTexts()
    yield Table(
        ("The viewer reads", "Where"),
        (
            (said.banner, "above every record"),
            (f"{said.not_for_role}: …", "with the headings that their role never sees, whether anything is there"),
            (said.withheld, "where a clause here says so; nothing of what, how much, whose or why"),
        ),
    )


def objections(words: Words) -> list[Block]:
    """What a person may object to, and who decides."""
    until = {"holds": "holds", "waits": "does not hold yet"}[words.agreement.objections.until_decided]
    deciders = listed(words.role_titles(words.agreement.objections.decided_by))
    return [
        Paragraph(
            "A person may object to all sharing, to one heading, to what one organisation recorded, to one"
            " organisation, or to one named person, seeing anything; and to being discussed at a team's meetings,"
            " or at one of them, which takes away what the meeting itself gives."
            f" Whether an objection is upheld is decided by: {deciders}. Until then it {until}."
        )
    ]


def special_records(words: Words) -> list[Block]:
    """Whose records are kept apart, and by whom."""
    rows = [
        (
            FLAGS[FlagKind(each.flag)],
            listed(words.role_titles(each.roles)),
            "two people" if each.lifted_by_two else "one person",
            each.reason,
        )
        for each in words.agreement.special_records or ()
    ]
    return [*table(("Raised where", "Raised and lifted by", "Lifted by", "Why"), rows)]


def onward_disclosure(words: Words) -> list[Block]:
    """What may be passed on to others."""
    rows = [(each.to, each.when, each.law, words.office(each.asked_of)) for each in words.agreement.onward_disclosure]
    note = Paragraph("Nothing is passed on to anyone who is not a party, except as this table says.")
    return [note, *table(("To", "When", "By what law", "Who decides"), rows)]
