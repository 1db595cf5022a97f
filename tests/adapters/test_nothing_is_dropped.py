"""Each field of each partner's files, read by their own formats alone: it changes what is said, or is on a list here.

What a partner sent is parted by these tests and not by the adapters: every field is emptied, and then changed, one at a
time. Where neither makes any difference to what an adapter says, the field is dropped without a word.
"""

import csv
import io
import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from app.adapters import caseload, risk_scores, social_care_cld, social_care_safeguarding
from app.adapters.acute_hl7v2 import ADAPTER as ACUTE
from app.adapters.housing import CSV, JSON
from app.adapters.mental_health_mhsds import ADAPTER as MENTAL_HEALTH
from app.vocabulary.ods_code import OdsCode
from app.vocabulary.statement import Sender, UnreadableMessage, Utterance
from tests.adapters import acute_feed, housing_feed, mhsds_extract, social_care_extract
from tests.adapters.acute_feed import message, pid, pv1, segment
from tests.adapters.test_risk_scores import SAMPLE as SCORES
from tests.adapters.test_social_care_safeguarding import MAPPED as SAFEGUARDING

Changed = Iterator[tuple[str, bytes, bytes]]
"""A field's name, what was sent, and the same with that one field otherwise."""


def said(adapter: Any, content: bytes, sender: Sender) -> list[Utterance]:
    try:
        return list(adapter.read(io.BytesIO(content), sender))
    except UnreadableMessage as refused:
        return [refused.finding]


MOST = 12
"""How often a field is changed until it is taken to make no difference."""


def dropped(adapter: Any, changes: Changed, sender: Sender, pack: Callable[[bytes], bytes] = bytes) -> set[str]:
    """The fields that make no difference anywhere."""
    heeded: dict[str, bool] = {}
    told: dict[bytes, list[Utterance]] = {}
    tried: Counter[str] = Counter()
    for field, sent, other in changes:
        if not heeded.get(field) and tried[field] < MOST:
            tried[field] += 1
            if sent not in told:
                told = {sent: said(adapter, pack(sent), sender)}
            heeded[field] = said(adapter, pack(other), sender) != told[sent]
    return {field for field, is_heeded in heeded.items() if not is_heeded}


def others(value: str) -> tuple[str, str]:
    """Nothing, and something else: the last digit another, else a letter more; of nothing nothing."""
    if not value.strip():
        return value, value
    changed = re.sub(r"\d(?=\D*$)", lambda digit: str((int(digit[0]) + 1) % 10), value)
    return "", changed if changed != value else f"{value}X"


# ── HL7 v2 ───────────────────────────────────────────────────────────────────────────────────────────────────────────

PERSON = pid({5: "FERRANTE^ROSA^M^^MRS", 7: "19500101", 8: "F", 11: "1 High St^^Town^^WV1 1AA", 13: "01902000001",
              15: "ITA", 22: "A", 30: "N"})  # fmt: skip
FULL = {
    "ORU": message(
        "ORU^R01", PERSON,
        segment("ORC", {1: "RE", 12: "C99^Smith^Bob"}),
        segment("OBR", {2: "P1", 3: "F1", 4: "MCS^Culture^L", 7: "202603010900", 13: "On warfarin", 22: "202603011200",
                        25: "F", 32: "C7&Path&Ann"}),
        segment("OBX", {2: "NM", 3: "NA^Sodium^L", 5: "140", 6: "mmol/L", 7: "133-146", 8: "N", 11: "F",
                        17: "M1^Electrode"}),
        segment("NTE", {3: "Haemolysed"}),
        segment("SPM", {4: "UR^Urine", 8: "MSU^Mid-stream"}),
        segment("OBR", {3: "F2", 4: "UE^Urea^L", 15: "BLD&Blood^^^ARM", 16: "C98^Jones^Al"}),
    ),
    "ADT": message(
        "ADT^A01", PERSON, segment("PD1", {3: "Practice^^M92001", 4: "G1^Gee^P", 12: "Y"}),
        segment("NK1", {2: "Penn^Dan", 3: "SON", 4: "2 Low St", 5: "01902000003", 7: "N"}),
        pv1({3: "W1^B^1", 4: "21", 7: "C1^Jones^A", 8: "C2^Ref^B", 9: "C3^Con^C", 10: "300", 14: "19", 17: "C4^Adm^D",
             18: "01"}),
        segment("PV2", {3: "^Chest pain"}),
        segment("AL1", {2: "DA", 3: "PEN^Penicillin", 4: "SV", 5: "Rash", 6: "20100101"}),
        segment("DG1", {3: "I21^MI^ICD10", 5: "20260301", 6: "W", 16: "C1^Jones^A", 18: "Y"}),
        segment("PR1", {3: "K40^CABG^OPCS4", 5: "202602280900", 11: "C1^Surgeon"}),
        segment("IAM", {3: "LAT^Latex"}), segment("ROL", {3: "KEY", 4: "K1^Keyworker"}),
    ),
}  # fmt: skip
"""More than the samples hold: what else says something of somebody's care."""

OF_NO_MESSAGE = {
    "the counters of segments": r"\w+ (AL1|DG1|NK1|PR1|PID|PV1|NTE|OBR|OBX|ORC|TXA|AIL|AIP|AIS|RGS)-1",
    "who sent it where, and how it is written": r"\w+ MSH-\d+(\.\d)?",
    "the use of a telephone number, where PID-13 and NK1-5 tell by their place": r"ADT NK1-5.2",
    "the waiting list's own number and dates of consent": r"ADT (ZU4-2|ZU8-[13])",
    "the kind of part of a letter, which its content tells, and its type again": r"MDM (OBX-[235](\.\d)?|TXA-3)",
    "the visit of a letter, which it stands without": r"MDM PV1-(19|2)",
    "who gave a number: one laboratory's, or one diary's": r"(MDM TXA-12|ORU (OBR|ORC)-[23]|SIU SCH-[12])\.2",
    "the numbers of a request beside those of its report": r"ORU (ORC|OBR)-[123](\.1)?",
    "a unit in words, beside its code": r"ORU OBX-6.2",
    "codes and numbers beside their words": r"ORU (OBX-17|SPM-[48]|OBR-16|ORC-12)\.1",
    "whether a service was added, its length told twice, and why the message was sent": (
        r"SIU (AI[SLP]-2|AIS-4|SCH-(10|9|11\.3|6\.2))"
    ),
    "who a person is, in what is only about their care": r"(ORU|MDM|SIU) PID-\d+(\.\d)?",
    "segments that are told of as not read": r"ADT (IAM|ROL)-\d(\.\d)?",
}
"""Fields that are dropped, and why."""


def hl7(text: str) -> Changed:
    for whole in re.split(r"\r(?=MSH)", re.sub(r"[\x0b\x1c]|\r?\n", lambda end: "\r" * (end[0][-1] == "\n"), text)):
        segments = [one for one in whole.split("\r") if one and not re.match("FHS|BHS|FTS|BTS", one)]
        kind = segments[0].split("|")[8].split("^")[0] if segments else ""
        for at, one in enumerate(segments):
            fields = one.split("|")
            first = 2 if fields[0] == "MSH" else 1
            for number in range(first, len(fields)):
                repetitions = fields[number].split("~")
                for again, repetition in enumerate(repetitions):
                    parts = repetition.split("^")
                    for place, part in enumerate(parts):
                        name = f"{kind} {fields[0]}-{number + first - 1}" + f".{place + 1}" * (len(parts) > 1)
                        for other in others(part) if part else ():
                            changed = "^".join([*parts[:place], other, *parts[place + 1 :]])
                            changed = "~".join([*repetitions[:again], changed, *repetitions[again + 1 :]])
                            line = "|".join([*fields[:number], changed, *fields[number + 1 :]])
                            now = [*segments[:at], line, *segments[at + 1 :]]
                            yield name, ended(segments), ended(now)


def ended(segments: list[str]) -> bytes:
    return "".join(f"{one}\r" for one in segments).encode()


def test_each_field_of_a_hospitals_messages_is_heeded_or_has_a_reason() -> None:
    texts = [path.read_bytes().decode() for path in sorted(acute_feed.SAMPLES.glob("*.hl7"))]
    lost = dropped(ACUTE, (one for text in [*texts, *FULL.values()] for one in hl7(text)), acute_feed.TRUST)
    assert unexplained(lost, OF_NO_MESSAGE) == []


def unexplained(lost: set[str], reasons: dict[str, str]) -> list[str]:
    for reason, pattern in reasons.items():
        assert any(re.fullmatch(pattern, one) for one in lost), f"nothing is dropped as {reason}"
    return sorted(one for one in lost if not any(re.fullmatch(each, one) for each in reasons.values()))


# ── Files of rows ────────────────────────────────────────────────────────────────────────────────────────────────────


def rows(content: bytes, table: str = "") -> Changed:
    """Each column, emptied and changed in all rows at once."""
    heading, *lines = csv.reader(io.StringIO(content.decode("utf-8-sig")))
    for number, name in enumerate(heading):
        if any(line[number].strip() for line in lines):
            for which in (0, 1):
                changed = [[*line[:number], others(line[number])[which], *line[number + 1 :]] for line in lines]
                yield f"{table}{name}", content, written([heading, *changed])


def written(lines: list[list[str]]) -> bytes:
    file = io.StringIO()
    csv.writer(file).writerows(lines)
    return file.getvalue().encode()


def test_each_column_of_a_councils_client_level_data_is_heeded_or_is_said_not_to_be_read() -> None:
    for name in ("release_1.csv", "release_2.csv"):
        content = (social_care_extract.SAMPLES / name).read_bytes()
        lost = dropped(social_care_cld.ADAPTER, rows(content), Sender(partner=social_care_extract.COUNCIL))
        assert {re.sub("[^a-z]", "", one.lower()) for one in lost} <= {
            "clientfundingstatus", "unitcost", "costfrequencyunittype", "eventreference", "reportingperiodstartdate"
        }, name  # fmt: skip


def test_each_column_of_a_safeguarding_list_is_heeded_or_was_never_asked_for() -> None:
    content = (social_care_extract.SAMPLES / "safeguarding.csv").read_bytes()
    sender = Sender(partner=OdsCode("X503"), columns=SAFEGUARDING)
    lost = dropped(social_care_safeguarding.ADAPTER, rows(content), sender)
    assert lost.isdisjoint(SAFEGUARDING.values())


def test_each_column_of_lists_and_scores_is_heeded() -> None:
    told = dict.fromkeys(caseload.FIELDS, "") | {
        "person_reference": "P1", "nhs_number": "9990000018", "nhs_number_status": "01", "family_name": "Ashe",
        "given_name": "Ivy", "birth_date": "1940-02-29", "postcode": "ZX1 1AA", "kind": "caseload", "team": "North",
        "telephone": "01632960200", "started": "2026-04-01", "ended": "2026-05-01", "as_at": "2026-06-30",
    }  # fmt: skip
    content = written([[*caseload.FIELDS.values()], [told[field] for field in caseload.FIELDS]])
    assert dropped(caseload.ADAPTER, rows(content), Sender(partner=OdsCode("M92001"))) == set()
    assert dropped(risk_scores.ADAPTER, rows(SCORES.encode()), Sender(partner=OdsCode("M92001"))) == set()


def test_each_column_of_a_housing_list_is_heeded() -> None:
    content = (housing_feed.SAMPLES / "mixed.csv").read_bytes()
    assert dropped(CSV, rows(content), housing_feed.COUNCIL) == {"end_date"}  # in the sample a date that is none


def test_each_column_of_mental_health_tables_is_heeded_or_is_not_imported() -> None:
    tables, lost = mhsds_extract.sample(), set()
    for name, text in tables.items():

        def packed(now: bytes, name: str = name) -> bytes:
            return mhsds_extract.zipped({**tables, name: now})

        lost |= dropped(MENTAL_HEALTH, rows(text.encode(), f"{name}."), mhsds_extract.SENDER, packed)
    assert unexplained(lost, OF_NO_TABLE) == []


OF_NO_TABLE = {
    "which organisation keeps the numbers, or pays": (
        r"MHS\w+\.(OrgIDLocalPatientID|OrgIDCareProf\w*LocalID|OrgIDComm|OrgIDEduEstab|PrimSystemInUse)"
    ),
    "what the law bars telling": r"MHS001MPI\.GenderSameAtBirth",
    "offences": r"MHS005PatInd\.OffenceHistory",
    "restraint, injuries and the police": r"MHS(505|515|516)\w+\.\w+",
    "where somebody can be met, and whose address that is": (
        r"MHS\w+\.(ActLocTypeCode|SiteIDOfTreat|PostcodeMainVisitor)"
    ),
    "tribunals and their reasons": (
        r"MHS\w+\.(LegalStatusClassPeriod(Start|End)Reason|MentalCat|CommTreatOrdEndReason|MethOfDischMHHospProvSpell)"
    ),
    "which council is answerable for a delay, which the reason for the delay tells by kind": (
        r"MHS518\w+\.OrgIDRespLAClinReadyforDisch"
    ),
    "when it was put off, decided or last changed, and for how long, beside what it came to": (
        r"MHS\w+\.(CareContCancelDate|DecidedToAdmitDate|CarePlanLastUpdateTime|ClinContactDurOfCareAct)"
    ),
    "kinds of teams and wards beside the ones that are read": r"MHS90[23]\w+\.(ServTeamIntAgeGroup|WardType)",
    "who filled in a form of a referral": r"MHS606\w+\.CareProfLocalID",
    "whether a complaint is the first of several": r"MHS609PresComp\.PresCompCodSig",
}
"""Columns of the tables that are sent and are not imported, and why."""


# ── Housing's documents ──────────────────────────────────────────────────────────────────────────────────────────────


def members(value: Any, path: str = "") -> Iterator[tuple[str, Any, Any]]:
    """Each leaf of a document by its path, with the whole as it is where the leaf is empty, and where it is another."""
    if isinstance(value, dict):
        for name, one in value.items():
            for where, *wholes in members(one, f"{path}.{name}".removeprefix(".")):
                empty, other = ({**value, name: each} for each in wholes)
                yield where, empty, other
    elif isinstance(value, list):
        for at, one in enumerate(value):
            for where, *wholes in members(one, path):
                less, more = ([*value[:at], each, *value[at + 1 :]] for each in wholes)
                yield where, less, more
    elif value not in (None, ""):
        yield path, *others(str(value))


def test_each_member_of_housings_documents_is_heeded_or_has_a_reason() -> None:
    documents = [json.loads((housing_feed.SAMPLES / "household.json").read_bytes())]
    documents += map(json.loads, (housing_feed.SAMPLES / "tenures.ndjson").read_text().splitlines())
    changes = (
        (path, json.dumps(document).encode(), json.dumps(changed).encode())
        for document in documents
        for path, *wholes in members(document)
        for changed in wholes
    )
    assert unexplained(dropped(JSON, changes, housing_feed.COUNCIL), OF_NO_DOCUMENT) == []


OF_NO_DOCUMENT = {
    "amounts of money": r"charges\.\w+|\w+\.(grant_amount|arrears_amount|estimated_cost)",
    "numbers that lead to nothing which is kept": (
        r"paymentReference|tenuredAsset\.(id|propertyReference)|address\.unit_id|\w+_report_reference"
        r"|\w+\.(hazard_report_reference|investigation_reference|trigger_source_id)"
    ),
    "the same fact told again by another row": (
        r"(hazard_report|investigation)\.(uprn|tenancy_id|hazard_report_id)|investigation_hazard\.hazard_report_id"
        r"|work_order\.address_id|person_alert_codes\.alert_(code|name)|work_class\.work_class_description"
    ),
    "what an end date tells": r"isActive|terminated\.\w+|tenancy\.end_date",
    "what kind of thing a person or a home is, beside what is read of it": (
        r"householdMembers\.(type|personTenureType)|tenuredAsset\.type|address\.country"
    ),
    "how to enter a home": r"work_order_access_information\.\w+",
    "who told of it, and how": (
        r"hazard_report\.reported_by|source_types\.\w+|investigation\.notification_sent_to_tenant"
    ),
    "risk ratings, which the drafts have no codes for": r"hazard_type\.health_risk_rating_id",
    "when work was planned beside when it begins and ends": (
        r"work_order\.(date_reported|planned_finish_date)|investigation\.investigation_scheduled_date"
    ),
}
"""Members of housing's documents that are sent and are not kept, and why."""
