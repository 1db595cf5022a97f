"""Whether sign-in providers give roles that the agreements know, and national codes lead to anybody. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from app.errors import DomainError
from app.identity.providers.provider import Kind, Provider, RoleOf
from app.sharing.written.document import Agreement, RoleTerms
from app.vocabulary.ods_code import OdsCode


class UnknownRoles(DomainError):
    """A provider gives roles that no agreement knows, so that whoever holds them could be shown nothing."""


@dataclass(frozen=True, slots=True)
class RoleCheck:
    """`wrong` keeps the place from starting; `doubtful` is told."""

    wrong: tuple[str, ...]
    doubtful: tuple[str, ...]

    def demand(self) -> None:
        """Raises `UnknownRoles`."""
        if self.wrong:
            raise UnknownRoles("; ".join(self.wrong))


def check_roles(providers: Mapping[str, Provider], agreements: Sequence[Agreement]) -> RoleCheck:
    """Compare every provider's table of roles with every agreement."""
    rows = [(one, row) for one in providers.values() for row in one.roles]
    wrong = [why for one, row in rows if (why := _wrong(one, row, agreements))]
    doubtful = [why for one, row in rows if one.kind is Kind.NRBAC and (why := _foreign(one, row, agreements))]
    doubtful += [
        f"`{one.id}` asks for no assurance: set `assurance`, or `authentication_level`"
        for one in providers.values()
        if one.kind is Kind.NRBAC and not (one.assurance or one.authentication_level)
    ]
    return RoleCheck(tuple(dict.fromkeys(wrong)), tuple(dict.fromkeys([*doubtful, *_unheld(rows, agreements)])))


def _wrong(provider: Provider, row: RoleOf, agreements: Sequence[Agreement]) -> str:
    if not any(_terms(row, agreements)):
        return f"`{provider.id}` gives the role `{row.role}`, which no agreement knows; mend its table or the agreement"
    if not any(row.at in _organisations(one, terms) for one, terms in _terms(row, agreements)):
        return f"`{provider.id}` gives `{row.role}` at {row.at}, where no agreement lets it be held; mend either"
    return ""


def _foreign(provider: Provider, row: RoleOf, agreements: Sequence[Agreement]) -> str:
    """A national code that is none of those by which the agreements know the role."""
    national = {code for _, terms in _terms(row, agreements) for code in terms.national}
    if not national or row.says in national:
        return ""
    return f"`{provider.id}` gives `{row.role}` for {row.says}, which is none of its national codes in the agreements"


def _unheld(rows: Sequence[tuple[Provider, RoleOf]], agreements: Sequence[Agreement]) -> Iterator[str]:
    """National codes that no provider's table turns into their role, where there is a provider that brings such."""
    if not any(one.kind is Kind.NRBAC for one, _ in rows):
        return
    given = {(row.role, row.says) for one, row in rows if one.kind is Kind.NRBAC}
    for agreement in agreements:
        for role, terms in agreement.roles.items():
            unheld = [code for code in terms.national if (role, code) not in given]
            if unheld:
                yield f"nobody becomes `{role}` by {', '.join(unheld)}: no sign-in provider's table has it"


def _terms(row: RoleOf, agreements: Iterable[Agreement]) -> Iterator[tuple[Agreement, RoleTerms]]:
    for one in agreements:
        if row.role in one.roles:
            yield one, one.roles[row.role]


def _organisations(agreement: Agreement, terms: RoleTerms) -> set[OdsCode]:
    return {party.ods for party in agreement.parties if terms.at == "all" or party.id in terms.at}
