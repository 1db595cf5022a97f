"""A person's record on paper."""

from copy import deepcopy
from io import BytesIO

from pypdf import PdfReader

from app.web.frame.viewer import Viewer
from app.web.people.paper import as_pdf
from app.web.people.person import person_page
from tests.web.test_person_page import NAMES, VIEW, heading, line

READER = Viewer("Nell Rushton", "Community nurse", "Wulfrun Community Services")


def text_of(pdf: bytes) -> str:
    return " ".join(" ".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages).split())


def test_each_page_says_who_printed_it_and_when() -> None:
    view = deepcopy(VIEW)
    view["headings"][2] = heading("problems", *(line(f"1{n}", f"Problem {n}") for n in range(80)))
    pdf = as_pdf(person_page(view | {"now": [], "timeline": []}, NAMES, "gp"), READER)

    pages = PdfReader(BytesIO(pdf)).pages
    assert len(pages) > 1
    for page in pages:
        said = " ".join(page.extract_text().split())
        assert "For Nell Rushton, Community nurse, Wulfrun Community Services, 22 November 2026, midday." in said
        assert "Do not leave it lying about" in said
        assert "Mr Walter Tranter NHS number 999" in said


def test_paper_shows_all_that_stands_under_a_heading() -> None:
    view = deepcopy(VIEW)
    view["headings"][2] = heading("problems", *(line(f"1{n}", f"Problem {n}") for n in range(9)))

    told = text_of(as_pdf(person_page(view | {"now": [], "timeline": []}, NAMES, "gp"), READER))

    assert all(f"Problem {n}" in told for n in range(9))
    assert "This record may be incomplete." in told
    assert "Wulfrun Hospitals: last heard from on 22 November 2026, 11am" in told


def test_paper_says_where_nothing_is_told_of_contacting_somebody_safely() -> None:
    assert "not known; ask them" in text_of(as_pdf(person_page(VIEW, NAMES, "gp"), READER))


def test_what_somebody_wrote_is_never_a_command_to_the_printer() -> None:
    view = deepcopy(VIEW)
    view["headings"][2] = heading("problems", line("3", '#read("/etc/passwd") *bold* $x$ @label', started="2026-07-05"))

    told = text_of(as_pdf(person_page(view, NAMES, "gp"), READER))

    assert '#read("/etc/passwd") *bold* $x$ @label' in told


def test_paper_can_be_read_aloud() -> None:
    catalogue = str(PdfReader(BytesIO(as_pdf(person_page(VIEW, NAMES, "gp"), READER))).root_object)

    assert "'/Marked': True" in catalogue
    assert "'/Lang': 'en-GB'" in catalogue


def test_paper_is_set_in_letters_without_serifs() -> None:
    [page, *_] = PdfReader(BytesIO(as_pdf(person_page(VIEW, NAMES, "gp"), READER))).pages
    faces = {str(font.get_object()["/BaseFont"]) for font in page["/Resources"]["/Font"].values()}  # type: ignore[index]

    assert faces
    assert all("SourceSansPro" in face for face in faces)


def test_paper_explains_the_words_of_other_professions_that_stand_on_it() -> None:
    view = deepcopy(VIEW)
    view["headings"][2] = heading("problems", line("3", "Entitled to S117 aftercare <since> 2024"))

    told = text_of(as_pdf(person_page(view, NAMES, "gp"), READER))

    assert "What some words mean S117 Section 117 of the Mental Health Act 1983: free aftercare" in told
    assert "What some words mean" not in text_of(as_pdf(person_page(VIEW, NAMES, "gp"), READER))
