"""Agreeing on one version: it is simulated, each party signs its hash, it begins, and perhaps is suspended or ended.

Each step is told to the trail in its own transaction.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime

import orjson
from sqlalchemy import Connection

from app.audit.acting import Acting
from app.audit.event import Kind
from app.errors import DomainError
from app.governance.proving.comparison import always
from app.governance.signing import store
from app.governance.signing.lifecycle import State, Step, Who, after
from app.governance.signing.signatures import Act, PartyKey, is_signed_by, payload
from app.sharing.compile import canonical, compile_agreements, version_of
from app.sharing.decision import AgreementVersion
from app.sharing.law import Agreements
from app.sharing.written.document import Agreement
from app.vocabulary.ods_code import OdsCode


class NotSigned(DomainError):
    """A signature is nobody's who may sign, or one that is needed is missing."""


def register_key(connection: Connection, key: PartyKey, acting: Acting) -> None:
    """Let a party sign with a key; raises `NotSigned` for a key that is registered already."""
    if not store.put_key(connection, key, at=acting.at):
        raise NotSigned("this key is registered already; each party has keys of its own, and registers each once")
    acting.tell(connection, Kind.PARTY_KEY_CHANGED, changed=key.fingerprint, reason=f"registered/{key.party}")


def revoke_key(connection: Connection, fingerprint: str, acting: Acting) -> None:
    """Let a key sign nothing more; what it signed counts no longer for what has not begun yet."""
    if not store.revoke_key(connection, fingerprint, at=acting.at):
        raise NotSigned("there is no such key, or it is revoked already; `pisano isa party-key list` tells them")
    acting.tell(connection, Kind.PARTY_KEY_CHANGED, changed=fingerprint, reason="revoked")


def state_of(connection: Connection, agreement: Agreement) -> State:
    """Where a version stands."""
    sha256 = version_of(agreement).sha256
    return store.states(connection, [sha256]).get(sha256, State.DRAFT)


def move(connection: Connection, agreement: Agreement, step: Step, acting: Acting) -> State:
    """Let the IG lead bring about a step; raises `NotInThisState`, or `NotSigned` where it would begin unsigned."""
    version = _held(connection, agreement, acting)
    if step is Step.BEGIN and (missing := unsigned(connection, agreement)):
        raise NotSigned(f"it cannot begin: no signature that still counts from {', '.join(sorted(missing))}")
    return _move(connection, agreement, version, step, Who.IG_LEAD, acting)


def sign(
    connection: Connection, agreement: Agreement, act: Act, party: OdsCode, signature: bytes, acting: Acting
) -> State:
    """Take a party's signature; the last approval approves it, a suspension suspends it at once.

    Raises `NotSigned` where no key that the party registered made it, `NotInThisState` where nothing is to be signed.
    """
    version = _held(connection, agreement, acting)
    if party not in agreement.organisations("all"):
        raise NotSigned("this organisation is no party to the agreement; check its ODS code")
    signed = to_sign(connection, agreement, act, party)
    made_by = [key for key in store.keys_of(connection, party) if is_signed_by(key, signed, signature)]
    if not made_by:
        raise NotSigned(
            "no key that the party registered made this signature over these bytes; sign exactly what"
            " `pisano isa sign-payload` prints"
        )
    state = state_of(connection, agreement)
    step, who = (Step.APPROVE, Who.ALL_PARTIES) if act is Act.APPROVE else (Step.SUSPEND, Who.PARTY)
    after(state, step, by=who)
    store.put_signature(connection, version.sha256, act, made_by[0], signature, at=acting.at)
    if act is Act.SUSPEND or not unsigned(connection, agreement):
        return _move(connection, agreement, version, step, who, acting, party)
    acting.tell(connection, Kind.AGREEMENT_CHANGED, agreements=[str(version)], reason=f"signed/{party}")
    return state


def to_sign(connection: Connection, agreement: Agreement, act: Act, party: OdsCode) -> bytes:
    """The bytes that a party signs as things stand: what it signed to suspend a version suspends it once."""
    version = version_of(agreement)
    return payload(act, version, party, suspended=store.times(connection, version.sha256, Step.SUSPEND))


def unsigned(connection: Connection, agreement: Agreement) -> frozenset[OdsCode]:
    """The parties without an approval that still counts: each is checked anew, against the bytes that it covers."""
    version = version_of(agreement)
    signed = {
        each.party
        for each in store.signatures(connection, version.sha256)
        if each.act is Act.APPROVE and is_signed_by(each.key, payload(each.act, version, each.party), each.signature)
    }
    return agreement.organisations("all") - signed


def _held(connection: Connection, agreement: Agreement, acting: Acting) -> AgreementVersion:
    version = version_of(agreement)
    store.put_version(connection, version, canonical(agreement), at=acting.at)
    store.hold_version(connection, version.sha256)
    return version


def _move(
    connection: Connection,
    agreement: Agreement,
    version: AgreementVersion,
    step: Step,
    who: Who,
    acting: Acting,
    party: OdsCode | None = None,
) -> State:
    state = after(state_of(connection, agreement), step, by=who)
    store.put_step(connection, version.sha256, step, state, by=party or who, at=acting.at)
    reason = "/".join(filter(None, (step, party)))
    acting.tell(connection, Kind.AGREEMENT_CHANGED, agreements=[str(version)], reason=reason)
    return state


def keep_versions(connection: Connection, agreements: Agreements, *, at: datetime) -> None:
    """Keep what the agreements of a place say, so that what they decide can be decided again."""
    for document in agreements.documents:
        store.put_version(connection, version_of(document), canonical(document), at=at)


def versions_kept(connection: Connection, versions: Iterable[str]) -> Agreements | None:
    """The agreements of which the trail names these versions, as though always in force; `None` where one is not kept.

    A version is written `id@version#sha256`, as the trail does.
    """
    hashes = {version.rpartition("#")[2] for version in versions}
    said = store.said_by(connection, hashes)
    if not hashes or said.keys() != hashes:
        return None
    return compile_agreements(always(_read(text)) for text in said.values())


def _read(said: bytes) -> Agreement:
    return Agreement.model_validate({"status": State.DRAFT.value, **orjson.loads(said)})


def lawful(agreements: Agreements, states: Mapping[str, State]) -> Agreements:
    """The agreements of a place as far as they are in force by their lives, whatever status their files state."""
    return compile_agreements(
        document.model_copy(update={"status": states.get(version_of(document).sha256, State.DRAFT)})
        for document in agreements.documents
    )
