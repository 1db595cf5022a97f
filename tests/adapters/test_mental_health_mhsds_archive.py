"""What a ZIP may be, and in which ways it is refused whole."""

import io
import struct
import zipfile

import pytest

from app.adapters.mental_health_mhsds import archive as bounds
from app.adapters.mental_health_mhsds.tables import NEVER_EMPTY
from tests.adapters.mhsds_extract import findings, needed, read, refusal, sample, statements, zipped


def added(name: str, content: str | bytes = "a,b\n1,2\n", packing: int = zipfile.ZIP_DEFLATED) -> bytes:
    """The needed tables, and one more member."""
    packed = io.BytesIO(zipped(needed()))
    with zipfile.ZipFile(packed, "a", packing) as archive:
        archive.writestr(name, content)
    return packed.getvalue()


def test_the_sample_is_read_whole() -> None:
    said = read(sample())
    assert len(statements(said)) == 55
    assert not [finding for finding in findings(said) if finding.severity == "refused"]


@pytest.mark.parametrize("content", [b"", b"MHS001MPI", b"PK\x05\x06", b"\x00" * 100])
def test_what_is_no_zip_is_refused(content: bytes) -> None:
    assert refusal(content).rule == "mhsds-zip"


def test_a_zip_cut_off_is_refused() -> None:
    whole = zipped(sample())
    for length in (len(whole) // 2, len(whole) - 1):
        assert refusal(whole[:length]).rule == "mhsds-zip"


@pytest.mark.parametrize(
    "name",
    ["../MHS002GP.csv", "/etc/MHS002GP.csv", "C:\\MHS002GP.csv", "tables\\..\\..\\x.csv", "a/../../x.csv", "\\x"],
)
def test_a_name_that_leads_outside_is_refused(name: str) -> None:
    assert "leads outside" in refusal(added(name)).text


def test_tables_may_lie_in_a_folder() -> None:
    inside = {f"2025-04/{name}": text for name, text in sample().items()}
    assert len(statements(read(inside))) == len(statements(read(sample())))


@pytest.mark.parametrize("named", [str.lower, str.upper, lambda name: name[:6]])
def test_tables_are_known_by_name_whatever_the_case_or_by_number(named: object) -> None:
    assert callable(named)
    assert len(statements(read({named(name): text for name, text in sample().items()}))) == len(
        statements(read(sample()))
    )


def test_an_encrypted_member_is_refused() -> None:
    packed = bytearray(zipped(needed()))
    directory = packed.index(b"PK\x01\x02")
    packed[directory + 8] |= 1
    assert "encrypted" in refusal(bytes(packed)).text


def test_an_unusual_packing_is_refused() -> None:
    assert "deflate" in refusal(added("MHS009CarePlanAgreement.csv", packing=zipfile.ZIP_BZIP2)).text


@pytest.mark.parametrize("name", ["inner.zip", "inner.ZIP", "tables.7z", "tables.tar.gz"])
def test_an_archive_within_is_refused(name: str) -> None:
    assert "another archive" in refusal(added(name, zipped(needed()))).text


def test_too_many_members_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "MOST_MEMBERS", 4)
    assert len(statements(read(needed()))) > 0
    assert "more than 4 files" in refusal(added("fifth.csv")).text


def test_a_bomb_is_refused_before_it_is_unpacked() -> None:
    bomb = added("MHS009CarePlanAgreement.csv", b"CarePlanID,CarePlanContentAgreedBy\n" + b"0" * 50_000_000)
    assert len(bomb) < 200_000
    assert "far more" in refusal(bomb).text


def test_what_unpacks_to_more_than_any_extract_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "LARGEST_UNPACKED", 1000)
    assert "unpacks to more" in refusal(needed()).text


def test_a_directory_that_would_fill_memory_is_refused() -> None:
    packed = bytearray(zipped(needed()))
    end = packed.rindex(b"PK\x05\x06")
    struct.pack_into("<L", packed, end + 12, bounds.LARGEST_DIRECTORY + 1)
    assert refusal(bytes(bytes(bounds.LARGEST_DIRECTORY) + packed)).rule == "mhsds-zip"


def test_a_member_that_claims_more_packed_bytes_than_there_are_is_refused() -> None:
    packed = bytearray(zipped(needed()))
    struct.pack_into("<L", packed, packed.index(b"PK\x01\x02") + 20, 1 << 30)
    assert "damaged" in refusal(bytes(packed)).text


def test_damage_within_a_table_is_refused_and_says_where() -> None:
    tables = needed()
    packed = bytearray(zipped(tables))
    packed[packed.index(b"MHS101Referral.csv") + 40] ^= 0xFF
    found = refusal(bytes(packed))
    assert (found.rule, found.part) == ("mhsds-zip", "MHS101Referral")


def test_a_table_that_stands_twice_is_refused() -> None:
    for name in ("other/MHS002GP.csv", "mhs002gp.txt", "MHS002.csv"):
        assert refusal(added(name)).part == "MHS002GP"


def test_one_table_under_the_names_of_two_versions_is_refused() -> None:
    both = sample() | {"MHS102ServiceTypeReferredTo": "ServiceRequestID,CareProfTeamLocalID\nR1,T1\n"}
    assert refusal(both).part == "MHS102OtherServiceType"


@pytest.mark.parametrize("name", NEVER_EMPTY)
def test_without_a_needed_table_nothing_is_read(name: str) -> None:
    found = refusal({table: text for table, text in sample().items() if table != name})
    assert (found.rule, found.part) == ("mhsds-table", name)


@pytest.mark.parametrize("name", NEVER_EMPTY)
def test_with_a_needed_table_empty_nothing_is_read(name: str) -> None:
    headings_alone = sample()[name].splitlines()[0] + "\n"
    assert refusal(sample() | {name: headings_alone}).part == name


def test_a_stranger_in_the_archive_is_told_without_its_name() -> None:
    (found,) = [one for one in findings(read(added("Jane Doe 9991000011.csv"))) if one.rule == "mhsds-zip-stranger"]
    assert found.text.startswith("file 5 of the archive")
    assert found.part is None


def test_what_a_mac_adds_to_a_zip_is_a_stranger_not_a_table_twice() -> None:
    said = read(added("__MACOSX/._MHS001MPI.csv"))
    assert [found.rule for found in findings(said) if found.part is None] == ["mhsds-zip-stranger"]


def test_a_known_table_that_is_not_imported_gives_no_finding() -> None:
    with_unread = needed(MHS107MedicationPrescription="a,b\n1,2\n", MHS804FiveForensicPathways="a,b\n1,2\n")
    assert findings(read(with_unread)) == findings(read(needed()))


def test_folders_in_the_archive_are_no_files() -> None:
    assert findings(read(added("empty/", ""))) == findings(read(needed()))
