"""The NHS number: what is one, how it is mended, and that it never prints."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.vocabulary.nhs_number import NHSNumber


def check_digit(stem: str) -> int:
    """Modulus 11, written another way than the code's."""
    return (11 - sum(int(digit) * (10 - place) for place, digit in enumerate(stem)) % 11) % 11


stems = st.from_regex(r"[0-9]{9}", fullmatch=True)


@given(stems, st.integers(0, 9))
def test_a_number_is_one_exactly_where_its_check_digit_fits(stem: str, last: int) -> None:
    digits = f"{stem}{last}"
    is_one = check_digit(stem) == last and len(set(digits)) > 1
    try:
        assert NHSNumber(digits).digits == digits
    except ValueError:
        assert not is_one
    else:
        assert is_one


@pytest.mark.parametrize("digit", "0123456789")
def test_one_digit_repeated_is_never_a_number(digit: str) -> None:
    with pytest.raises(ValueError, match="repeated"):
        NHSNumber(digit * 10)


@pytest.mark.parametrize("written", ["943 476 5919", "943-476-5919", " 9434765919\n", "943\u00a0476\u00a05919"])
def test_a_number_is_read_in_any_spacing(written: str) -> None:
    assert NHSNumber.parse(written).digits == "9434765919"


def beginning_with(zeros: str) -> str:
    """A whole number that begins so."""
    stems = (f"{zeros}{n:0{9 - len(zeros)}}" for n in range(10 ** (8 - len(zeros)), 10 ** (9 - len(zeros))))
    return next(f"{stem}{check_digit(stem)}" for stem in stems if check_digit(stem) < 10)


@pytest.mark.parametrize("lost", ["0", "00"])
def test_leading_zeros_that_a_numeric_column_lost_are_mended(lost: str) -> None:
    whole = beginning_with(lost)
    assert NHSNumber.of_feed(str(int(whole))).digits == whole


def test_a_number_of_seven_digits_or_fewer_is_not_mended_as_too_much_of_it_would_be_a_guess() -> None:
    with pytest.raises(ValueError, match="check that none is missing"):
        NHSNumber.of_feed(str(int(beginning_with("000"))))


def test_whoever_types_a_digit_too_few_is_asked_for_it_and_shown_nobody_else() -> None:
    with pytest.raises(ValueError, match="check that none is missing"):
        NHSNumber.parse(beginning_with("0")[1:])


@pytest.mark.parametrize(
    "written", ["", "1", "1234567", "94347659190", "943476591X", "９４３４７６５９１９", "9.43E+09"]
)
def test_what_is_no_number_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match="NHS number"):
        NHSNumber.parse(written)


def test_a_number_never_prints() -> None:
    number = NHSNumber("9434765919")

    for printed in (str(number), repr(number), f"{number}", repr([number]), str({"n": number})):
        assert "943" not in printed
    assert number.spaced == "943 476 5919"


@given(st.text())
def test_a_refusal_repeats_nothing_of_what_was_written(written: str) -> None:
    try:
        NHSNumber.parse(written)
    except ValueError as error:
        assert not any(digit.isdigit() for digit in str(error))  # noqa: PT017  # that it may be one is no fault
