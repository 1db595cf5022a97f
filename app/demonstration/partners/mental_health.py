"""What the mental health trust of the demonstration place sends: MHSDS 6.0, a table a CSV, in a ZIP."""

import csv
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from app.demonstration.partners.ethnicity import stated
from app.demonstration.people.lives import Life, MentalHealth
from app.demonstration.people.resident import Resident
from app.demonstration.place import MENTAL_HEALTH

TABLES: Final = {
    "MHS000Header": "DatSetVer OrgIDProvider OrgIDSubmit PrimSystemInUse ReportingPeriodStartDate"
    " ReportingPeriodEndDate DateTimeDatSetCreate",
    "MHS001MPI": "LocalPatientID OrgIDLocalPatientID NHSNumber NHSNumberStatus PersonBirthDate Postcode GenderIDCode"
    " Gender EthnicCategory",
    "MHS002GP": "LocalPatientID GMPReg StartDateGMPRegistration",
    "MHS006MHCareCoord": "LocalPatientID StartDateAssCareCoord CareProfLocalID CareProfServOrTeamTypeAssoc",
    "MHS008CarePlanType": "CarePlanID LocalPatientID CarePlanTypeMH CarePlanCreatDate",
    "MHS101Referral": "ServiceRequestID LocalPatientID CareProfTeamLocalID ReferralRequestReceivedDate"
    " SourceOfReferralMH PrimReasonReferralMH ServDischDate",
    "MHS201CareContact": "CareContactID ServiceRequestID CareContDate ConsType ConsMechanismMH AttendStatus",
    "MHS401MHActPeriod": "MHActLegalStatusClassPeriodID LocalPatientID StartDateMHActLegalStatusClass"
    " StartTimeMHActLegalStatusClass EndDateMHActLegalStatusClass LegalStatusCode",
    "MHS501HospProvSpell": "HospProvSpellID ServiceRequestID StartDateHospProvSpell DischDateHospProvSpell",
    "MHS502WardStay": "WardStayID WardCode HospProvSpellID StartDateWardStay EndDateWardStay",
    "MHS604PrimDiag": "ServiceRequestID DiagSchemeInUse PrimDiag CodedDiagTimestamp",
    "MHS902ServiceTeamDetails": "CareProfTeamLocalID ServTeamTypeMH",
}
_TEAMS: Final = ("A02", "A06", "A07", "A11", "A14")

_Row = tuple[str, list[str]]  # the table, and the row in its order of columns


def write_archive(target: Path, people: Iterable[tuple[Resident, Life]], on: date) -> None:
    """Write the ZIP, with a table's rows never all in memory."""
    with TemporaryDirectory(dir=target.parent) as folder:
        with ExitStack() as files:
            writers = {}
            for table, columns in TABLES.items():
                file = files.enter_context((Path(folder) / f"{table}.csv").open("w", newline="", encoding="utf-8"))
                writers[table] = csv.writer(file)
                writers[table].writerow(columns.split())
            for table, row in _rows(people, on):
                writers[table].writerow(row)
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
            for table in TABLES:
                archive.write(Path(folder) / f"{table}.csv", f"{table}.csv")


def _rows(people: Iterable[tuple[Resident, Life]], on: date) -> Iterator[_Row]:
    until = on - timedelta(days=1)
    period = [(until - timedelta(days=30)).isoformat(), until.isoformat()]
    yield "MHS000Header", ["6.0", MENTAL_HEALTH, MENTAL_HEALTH, "Synthetic", *period, f"{until.isoformat()}T23:00:00"]
    for team in _TEAMS:
        yield "MHS902ServiceTeamDetails", [f"TEAM-{team}", team]
    for resident, life in people:
        if life.mental_health is not None:
            yield from _person(resident, life.mental_health)


def _day(on: date | None) -> str:
    return on.isoformat() if on else ""


def _person(resident: Resident, care: MentalHealth) -> Iterator[_Row]:
    patient, referral = f"MH{resident.number}", f"REF{resident.number}"
    number = str(int(resident.nhs_number.digits)) if resident.nhs_number else ""  # a numeric column loses zeros
    status = ("01" if resident.traced else "02") if number else "07"
    gender = {"male": "1", "female": "2"}[resident.gender]
    ethnicity = stated(resident, MENTAL_HEALTH)
    practice, _ = resident.locality.practices[resident.practice]
    born = resident.birth_date.isoformat()
    yield "MHS001MPI", [patient, MENTAL_HEALTH, number, status, born, resident.postcode, gender, gender, ethnicity]
    yield "MHS002GP", [patient, practice, _day(care.referred)]
    reason, team = care.reason, f"TEAM-{care.team}"
    yield "MHS101Referral", [referral, patient, team, _day(care.referred), "A1", reason, _day(care.discharged)]
    for place, contact in enumerate(care.contacts):
        yield "MHS201CareContact", [f"CC{resident.number}-{place}", referral, _day(contact), "02", "01", "5"]
    yield "MHS604PrimDiag", [referral, "02", care.diagnosis.icd10, f"{_day(care.diagnosis.since)}T10:00:00"]
    if care.coordinator:
        yield "MHS006MHCareCoord", [patient, _day(care.referred + timedelta(days=7)), "CPN1", care.team]
    if care.crisis_plan is not None:
        yield "MHS008CarePlanType", [f"CP{resident.number}", patient, "12", _day(care.crisis_plan)]
    if care.spell is not None:
        yield from _stay(resident, care, patient, referral, *care.spell)


def _stay(
    resident: Resident, care: MentalHealth, patient: str, referral: str, began: date, ended: date | None
) -> Iterator[_Row]:
    spell = f"SP{resident.number}"
    yield "MHS501HospProvSpell", [spell, referral, _day(began), _day(ended)]
    yield "MHS502WardStay", [f"WS{resident.number}", "WILLOW", spell, _day(began), _day(ended)]
    if care.detained_under is not None:
        period = f"LS{resident.number}"
        yield "MHS401MHActPeriod", [period, patient, _day(began), "14:30:00", _day(ended), care.detained_under]
