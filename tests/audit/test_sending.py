"""Signed heads given to every party and to write-once storage."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from app.audit.checking.sending import InvalidReceivers, Receiver, Sending, open_sender, read_receivers
from tests.fhir.receiver import receiving


@pytest.fixture
def client() -> Iterator[httpx.Client]:
    with open_sender() as opened:
        yield opened


def heads(folder: Path, *names: str) -> Path:
    (folder / "heads").mkdir(exist_ok=True)
    for name in names:
        (folder / "heads" / f"{name}.json").write_text(f'{{"head": "{name}"}}')
    return folder


def sending(folder: Path, *receivers: Receiver) -> Sending:
    return Sending(folder / "heads", folder / "sent", receivers)


def test_each_head_goes_to_every_receiver_in_order_and_once(tmp_path: Path, client: httpx.Client) -> None:
    heads(tmp_path, "20260610T09", "20260610T10")
    (tmp_path / "worm").mkdir()
    with receiving() as party:
        given = sending(
            tmp_path, Receiver(name="RL4", url=party.address), Receiver(name="write-once", folder=tmp_path / "worm")
        )
        assert [(one.last, one.waiting, one.failure) for one in given.send(client)] == [("20260610T10.json", 0, "")] * 2
        heads(tmp_path, "20260610T11")
        given.send(client)
        given.send(client)
    assert [headers["pisano-head"] for headers, _ in party.received] == [
        "20260610T09.json", "20260610T10.json", "20260610T11.json",
    ]  # fmt: skip
    assert [content for _, content in party.received] == [
        path.read_bytes() for path in sorted((tmp_path / "worm").iterdir())
    ]


def test_what_is_not_taken_is_sent_again_and_nothing_overtakes_it(tmp_path: Path, client: httpx.Client) -> None:
    heads(tmp_path, "1", "2")
    with receiving() as party:
        given = sending(tmp_path, Receiver(name="RL4", url=party.address))
        party.failing = 1
        assert [(one.last, one.waiting, one.failure) for one in given.send(client)] == [("", 2, "answered 503")]
        assert [(one.last, one.waiting) for one in given.send(client)] == [("2.json", 0)]
        names = [headers["pisano-head"] for headers, _ in party.received]
    assert names == ["1.json", "1.json", "2.json"]


def test_a_receiver_that_is_away_keeps_no_other_waiting(tmp_path: Path, client: httpx.Client) -> None:
    heads(tmp_path, "1")
    (tmp_path / "worm").mkdir()
    away = Receiver(name="RL4", url="http://127.0.0.1:9/heads")
    failed, taken = sending(tmp_path, away, Receiver(name="worm", folder=tmp_path / "worm")).send(client)
    assert (failed.failure, failed.waiting, taken.waiting) == ("ConnectError", 1, 0)


def test_a_head_follows_no_redirection(tmp_path: Path, client: httpx.Client) -> None:
    heads(tmp_path, "1")
    with receiving() as elsewhere, receiving() as party:
        party.redirect = elsewhere.address
        (sent,) = sending(tmp_path, Receiver(name="RL4", url=party.address)).send(client)
    assert (sent.failure, elsewhere.received) == ("answered 307", [])


def test_a_head_in_storage_is_never_replaced(tmp_path: Path, client: httpx.Client) -> None:
    heads(tmp_path, "1")
    (tmp_path / "worm").mkdir()
    given = sending(tmp_path, Receiver(name="worm", folder=tmp_path / "worm"))
    given.send(client)
    assert (tmp_path / "worm" / "1.json").stat().st_mode & 0o222 == 0
    (tmp_path / "sent" / "worm").unlink()
    assert given.send(client)[0].waiting == 0
    (tmp_path / "sent" / "worm").unlink()
    (tmp_path / "heads" / "1.json").write_text("rewritten")
    (sent,) = given.send(client)
    assert "another head of that name" in sent.failure
    assert "rewritten" not in (tmp_path / "worm" / "1.json").read_text()


def test_parties_to_whom_no_head_goes_are_told(tmp_path: Path) -> None:
    given = sending(tmp_path, Receiver(name="RL4", folder=tmp_path))
    assert given.without({"RL4", "LA508", "RRE"}) == ["LA508", "RRE"]


def test_receivers_are_read_from_a_file(tmp_path: Path) -> None:
    assert read_receivers(None) == []
    file = tmp_path / "receivers.yaml"
    file.write_text("receivers:\n- {name: RL4, url: https://audit.example/heads}\n- {name: worm, folder: /srv/worm}\n")
    assert [one.name for one in read_receivers(file)] == ["RL4", "worm"]


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("receivers:\n- {name: RL4, url: 'http://audit.example/heads'}", "by https alone"),
        ("receivers:\n- {name: RL4, url: 'https://user:pass@audit.example/'}", "by https alone"),
        ("receivers:\n- {name: RL4}", "a url or a folder"),
        ("receivers:\n- {name: ../RL4, folder: /srv}", "letters, digits"),
        ("receivers:\n- {name: RL4, folder: /a}\n- {name: RL4, folder: /b}", "twice"),
        ("nothing", "operations.md"),
        ("{", "operations.md"),
    ],
)
def test_a_file_of_receivers_that_cannot_be_meant_is_refused(tmp_path: Path, said: str, told: str) -> None:
    (tmp_path / "receivers.yaml").write_text(said)
    with pytest.raises(InvalidReceivers, match=told):
        read_receivers(tmp_path / "receivers.yaml")
