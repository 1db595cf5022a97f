"""What the acute trust of the demonstration place sends: HL7 v2, one message after another in a file."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, time, timedelta

from app.demonstration.partners.ethnicity import stated
from app.demonstration.people.lives import Clinic, Condition, Life, Result, Stay
from app.demonstration.people.resident import Resident
from app.demonstration.place import ACUTE

_GENDER = {"female": "F", "male": "M"}
_Told = tuple[datetime, bytes]  # a message, and when the trust sent it

_ANEW = 90_000_000  # where the hospital numbers of those registered a second time begin
_SEEN, _MISSED = "5", "3"  # ATTENDED OR DID NOT ATTEND CODE


def messages(resident: Resident, life: Life, on: date) -> Iterator[bytes]:
    """The person's messages in the order of their events, up to the day before `on`; segments end in a return."""
    writer = _Writer(resident, life)
    told = [writer.registered(datetime.combine(on - timedelta(days=730), time(8)))]
    if life.conditions:
        told.append(writer.updated(datetime.combine(on - timedelta(days=1), time(18))))
    for stay in life.stays:
        told += writer.stay(stay)
    told += [writer.result(result) for result in life.results]
    for clinic in life.clinics:
        told += writer.clinic(clinic)
    for _, message in sorted(told, key=lambda one: one[0]):
        yield message


def hurried(resident: Resident, on: date) -> Iterator[bytes]:
    """Last night's attendance of somebody who was registered anew: another hospital number, and ten years too old.

    Their NHS number is theirs, so that it waits for somebody to say whose it is.
    """
    registered = replace(
        resident, number=_ANEW + resident.number, birth_date=resident.birth_date - timedelta(days=3652)
    )
    night = datetime.combine(on - timedelta(days=1), time(1))
    sprain = Condition("S93.4", "Sprain of ankle", night.date())
    stay = Stay(
        visit="V90000001", arrived=night, left=night + timedelta(hours=2), ward="", specialty="180", reason=sprain
    )
    for _, message in _Writer(registered, Life()).stay(stay):
        yield message


def _stamp(at: datetime | date | None) -> str:
    if at is None:
        return ""
    return at.strftime("%Y%m%d%H%M%S" if isinstance(at, datetime) else "%Y%m%d")


def _escaped(text: str) -> str:
    for plain, escape in (("\\", "\\E\\"), ("|", "\\F\\"), ("^", "\\S\\"), ("&", "\\T\\"), ("~", "\\R\\")):
        text = text.replace(plain, escape)
    return text


class _Writer:
    """Writes one person's messages."""

    def __init__(self, resident: Resident, life: Life) -> None:
        self.resident, self.life = resident, life
        self.sent = 0

    def registered(self, at: datetime) -> _Told:
        """A28: the trust knows the person."""
        allergies = [
            f"AL1|{place}||{one.snomed}^{one.title}^SCT||{one.reaction}"
            for place, one in enumerate(self.life.allergies, start=1)
        ]
        return self._message("ADT^A28", at, *self._next_of_kin(), *allergies)

    def updated(self, at: datetime) -> _Told:
        """A31: what the trust has come to know of the person's long-term conditions."""
        return self._message("ADT^A31", at, *self._diagnoses(self.life.conditions))

    def stay(self, stay: Stay) -> list[_Told]:
        """An admission (A01) or emergency attendance (A04), its being fit to leave (A08), and its end (A03)."""
        visit, reason = self._visit(stay), self._diagnoses((stay.reason,))
        told = [self._message("ADT^A01" if stay.ward else "ADT^A04", stay.arrived, visit, *reason)]
        if stay.fit_since is not None:
            at = datetime.combine(stay.fit_since, time(10))
            told.append(self._message("ADT^A08", at, visit, *reason, fit=at))
        if stay.left is not None:
            told.append(self._message("ADT^A03", stay.left, self._visit(stay, left=stay.left), *reason))
        return told

    def result(self, result: Result) -> _Told:
        """ORU^R01 with one test."""
        flag = "L" if result.value < result.low else "H" if result.value > result.high else "N"
        at = _stamp(result.at)
        return self._message(
            "ORU^R01",
            result.at,
            f"OBR|1|{result.number}|{result.number}|{result.code}^{result.name}^SCT|||{at}|||||||||||||||{at}|||F",
            f"OBX|1|NM|{result.code}^{result.name}^SCT||{result.value}|{result.unit}|{result.low:g}-{result.high:g}"
            f"|{flag}|||F|||{at}",
        )

    def clinic(self, clinic: Clinic) -> list[_Told]:
        """SIU^S12 when it was booked, and S14 or S26 for how it went."""
        booked = clinic.at - timedelta(days=100)
        told = [self._message("SIU^S12", booked, *self._appointment(clinic, "Booked", ""))]
        if clinic.attended is not None:
            trigger, status, code = ("S14", "Complete", _SEEN) if clinic.attended else ("S26", "Noshow", _MISSED)
            after = clinic.at + timedelta(hours=1)
            told.append(self._message(f"SIU^{trigger}", after, *self._appointment(clinic, status, code)))
        return told

    def _message(self, kind: str, at: datetime, *segments: str, fit: datetime | None = None) -> _Told:
        self.sent += 1
        number = f"{self.resident.number:08}{self.sent:04}"
        header = f"MSH|^~\\&|PAS|{ACUTE}|PISANO|PLACE|{_stamp(at)}||{kind}|{number}|P|2.4"
        event = f"EVN|{kind[-3:]}|{_stamp(at)}||||{_stamp(at)}" if kind.startswith("ADT") else None
        first, rest = (segments[:1], segments[1:]) if kind.startswith("SIU") else ((), segments)  # SCH precedes PID
        lines = [header, event, *first, self._person(), *rest, *(self._tracing(fit) if event else ())]
        return at, "".join(f"{line}\r" for line in lines if line is not None).encode()

    def _person(self) -> str:
        one = self.resident
        numbers = [f"{one.number:08}^^^{ACUTE}^MR"]
        if one.nhs_number is not None:
            numbers.insert(0, f"{one.nhs_number.digits}^^^NHS^NH")
        died = self.life.deceased
        fields = {
            1: "1",
            3: "~".join(numbers),
            5: f"{_escaped(one.family_name)}^{_escaped(one.given_name)}",
            7: _stamp(one.birth_date),
            8: _GENDER[one.gender],
            11: f"{_escaped(one.address_line)}^^Wulfrun^^{one.postcode}^^H",
            13: one.telephone
            + (f"^^^^^^^^{_escaped(self.life.beside_telephone)}" if self.life.beside_telephone else ""),
            22: stated(one, ACUTE),
            29: _stamp(died),
            30: "Y" if died else "",
        }
        return "PID|" + "|".join(fields.get(place, "") for place in range(1, 31))

    def _next_of_kin(self) -> list[str]:
        practice, name = self.resident.locality.practices[self.resident.practice]
        segments = [f"PD1|||{_escaped(name)}^^{practice}|"]
        if self.life.next_of_kin is not None:
            kin, relationship = self.life.next_of_kin
            given, family = kin.split(" ", 1)
            segments.append(f"NK1|1|{_escaped(family)}^{given}|{relationship}||||N")
        return segments

    def _diagnoses(self, conditions: tuple[Condition, ...]) -> list[str]:
        return [
            f"DG1|{place}|ICD10|{one.icd10}^{one.title}^ICD10||{_stamp(one.since)}|F"
            for place, one in enumerate(conditions, start=1)
        ]

    def _visit(self, stay: Stay, *, left: datetime | None = None) -> str:
        place = f"{stay.ward or 'ED'}^^^{ACUTE}"
        fields = {
            1: "1",
            2: "I" if stay.ward else "E",
            3: place,
            4: ("21" if stay.emergency else "11") if stay.ward else "",
            7: "C3456789^Okoro^Amara^^^Dr" if stay.ward else "",
            10: stay.specialty,
            18: "",
            19: stay.visit,
            36: "1" if left else "",
            44: _stamp(stay.arrived),
            45: _stamp(left),
        }
        return "PV1|" + "|".join(fields.get(place, "") for place in range(1, 46))

    def _appointment(self, clinic: Clinic, status: str, attended: str) -> list[str]:
        start = _stamp(clinic.at)
        schedule = {
            1: clinic.number,
            2: clinic.number,
            6: "BOOKED",
            7: f"{clinic.name}^{clinic.name}",
            8: "FOLLOWUP^Follow-up",
            9: "30",
            10: "min",
            11: f"^^30^{start}",
            25: status,
        }
        segments = ["SCH|" + "|".join(schedule.get(place, "") for place in range(1, 26))]
        segments.append(f"AIS|1||{clinic.name}^{clinic.name}|{start}|||30|min")
        if attended:
            segments.append(f"ZU3|||{attended}|")
        return segments

    def _tracing(self, fit: datetime | None) -> list[str]:
        verified = self.resident.traced and self.resident.nhs_number is not None
        status = "01" if verified else "07" if self.resident.nhs_number is None else "02"
        fields = {22: _stamp(fit), 24: _stamp(fit), 27: status}
        segments = ["ZU1|" + "|".join(fields.get(place, "") for place in range(1, 28))]
        if self.life.location_restricted:
            segments.append("ZU8||||2")
        return segments
