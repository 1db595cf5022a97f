"""Writing a case study, as steps: the text, the person's permission, another's approval, and taking it back.

Who writes or approves must be let read the person's care plans by the agreement. Whatever the text says that would tell
who it is about is pointed at, and nothing is kept until it is gone.
"""

from uuid import UUID

from app.mdt.steps.office import Office
from app.mdt.workflow.case_study import (
    CaseStudy,
    CaseStudyContent,
    Permission,
    Permit,
    ReviseStory,
    Story,
    Withdraw,
    WriteStory,
)
from app.mdt.workflow.caseload import CaseloadEntry
from app.mdt.workflow.forms import Change
from app.mdt.workflow.headings import DISCUSSION
from app.mdt.workflow.lifecycles.relation import Relation
from app.mdt.workflow.refusal import Refusal, Refused, Why, invalid, unknown
from app.mdt.workflow.rules.identifying import telltales
from app.sharing.published.phrases import long


def write(office: Office, form: WriteStory) -> CaseStudy:
    """Write what became of somebody of the caseload; who they are must not be told by it."""
    entry = office.held(CaseloadEntry, form.caseload_id)
    office.demand(entry.locality, Relation.MEMBER)
    _demand_reading(office, entry.person_id)
    content = CaseStudyContent(story=_anonymous(office, form), written_by=office.by)
    study = CaseStudy(
        id=office.new_id(),
        locality=entry.locality,
        caseload_id=entry.id,
        person_id=entry.person_id,
        state=CaseStudy.lifecycle.initial,
        version=1,
        content=content,
    )
    return office.begin(study, "write")


def revise(office: Office, study_id: UUID, form: ReviseStory) -> CaseStudy:
    """Write the text anew; whoever approved the one before has not approved this."""
    study = office.seen(CaseStudy, study_id, form.version)
    _demand_reading(office, study.person_id)
    return _drafted(office, study, "revise", story=_anonymous(office, form), written_by=office.by)


def permit(office: Office, study_id: UUID, form: Permit) -> CaseStudy:
    """Record who permits it to be told, in what and until when; who asked, when and how."""
    study = office.seen(CaseStudy, study_id, form.version)
    _demand_reading(office, study.person_id)
    if form.asked_on > office.on:
        raise invalid("nobody was asked on a day to come; check the day", field="asked_on")
    if form.until < office.on:
        raise invalid("this permission has ended; ask again", field="until")
    lasts = office.known.permission_lasts
    if lasts.before(form.until) > form.asked_on:
        raise invalid(f"a permission lasts {long(lasts)} at most; then whoever gave it is asked again", field="until")
    given = Permission.model_validate(form.model_dump(exclude={"version"}))
    return _drafted(office, study, "permit", until=given.until, permission=given, recorded_by=office.by)


def approve(office: Office, study_id: UUID, form: Change) -> CaseStudy:
    """Approve it, as somebody who did not write it: it names nobody, and the permission stands."""
    study = office.seen(CaseStudy, study_id, form.version)
    _demand_reading(office, study.person_id)
    content = study.content
    if content.written_by.account == office.by.account:
        raise invalid("somebody who did not write it approves it; ask another who chairs")
    if content.permission is None or content.permission.until < office.on:
        raise invalid("nobody permits it; record the permission first")
    if content.story is not None:
        _anonymous(office, content.story)
    approved = content.model_copy(update={"approved_by": office.by, "approved_at": office.at})
    return office.advance(study, "approve", content=approved)


def withdraw(office: Office, study_id: UUID, form: Withdraw) -> CaseStudy:
    """Tell it no more, from this moment on; its text goes, and nothing more is asked of whoever says so."""
    study = office.seen(CaseStudy, study_id, form.version)
    gone = study.content.model_copy(update={"story": None, "left": form.reason})
    return office.advance(study, "withdraw", content=gone, ended_at=office.at)


def _drafted(office: Office, study: CaseStudy, event: str, *, until: object = None, **said: object) -> CaseStudy:
    content = study.content.model_copy(update={**said, "approved_by": None, "approved_at": None})
    return office.advance(study, event, content=content, permitted_until=until or study.permitted_until)


def _demand_reading(office: Office, person_id: UUID) -> None:
    """Raises `Refused` for whoever may not read what a story is made of."""
    if DISCUSSION not in office.known.visible.get(office.stands_for(person_id), ()):
        raise unknown()


def _anonymous(office: Office, form: Story) -> Story:
    """The text, where nothing in it tells who it is about; raises `Refused`, which says where something does."""
    found = [
        {"field": field, "begins": one.begins, "ends": one.ends, "kind": one.kind}
        for field, said in form.parts.items()
        for one in telltales(said, office.known.identity)
    ]
    if found:
        kinds = {(str(one["field"]), str(one["kind"])): None for one in found}
        problems = [{"field": field, "problem": f"should not say {kind}; tell it without"} for field, kind in kinds]
        text = "the text says who it is about; leave out what is pointed at"
        raise Refused(Refusal(Why.INVALID, text, {"problems": problems, "words": found}))
    return Story(**form.parts)
