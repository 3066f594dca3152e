"""The guard of the local server: who may ask, what, how much and how often. No other machine, no other page."""

import threading
from email.message import Message
from http import HTTPStatus

import pytest

from mien.app.guard import ANSWER_HEADERS, Rate, Refused, Turns, body_length, check_sender

PORT = 8765
JPEG = ("image/jpeg",)


def headers(**given: str) -> Message:
    found = Message()
    for name, value in given.items():
        found[name.replace("_", "-")] = value
    return found


def test_this_machine_and_the_page_itself_may_ask() -> None:
    for host in ("127.0.0.1:8765", "localhost:8765", "LOCALHOST:8765"):
        check_sender(headers(Host=host), PORT)
        check_sender(headers(Host=host, Origin=f"http://{host}", Sec_Fetch_Site="same-origin"), PORT)
    check_sender(headers(Host="127.0.0.1"), 80)


@pytest.mark.parametrize(
    "host", ["evil.example:8765", "127.0.0.1", "127.0.0.1:80", "127.0.0.1.evil.example:8765", "localhost.:8765", ""]
)
def test_a_request_that_names_another_host_is_refused(host: str) -> None:
    """A page whose name was made to point to this machine still sends its own name (DNS rebinding)."""
    with pytest.raises(Refused) as refusal:
        check_sender(headers(Host=host), PORT)
    assert refusal.value.status == HTTPStatus.FORBIDDEN


def test_a_request_without_a_host_or_with_two_is_refused() -> None:
    two = headers(Host="127.0.0.1:8765")
    two["Host"] = "evil.example"
    for given in (Message(), two):
        with pytest.raises(Refused):
            check_sender(given, PORT)


@pytest.mark.parametrize(
    "origin",
    ["https://evil.example", "null", "http://127.0.0.1:9999", "https://127.0.0.1:8765", "http://localhost:8765.evil"],
)
def test_requests_of_other_pages_are_refused(origin: str) -> None:
    with pytest.raises(Refused, match="other pages"):
        check_sender(headers(Host="127.0.0.1:8765", Origin=origin), PORT)


@pytest.mark.parametrize("site", ["cross-site", "same-site", "anything"])
def test_pictures_and_frames_in_other_pages_are_refused_and_a_link_to_the_page_is_not(site: str) -> None:
    asked = {"Host": "127.0.0.1:8765", "Sec_Fetch_Site": site}
    for kind in ("image", "iframe", "empty", "script"):
        with pytest.raises(Refused, match="other pages"):
            check_sender(headers(**asked, Sec_Fetch_Dest=kind), PORT, is_page=True)
    check_sender(headers(**asked, Sec_Fetch_Dest="document"), PORT, is_page=True)
    with pytest.raises(Refused):
        check_sender(headers(**asked, Sec_Fetch_Dest="document"), PORT)


def test_no_answer_gives_other_pages_leave_to_read_it() -> None:
    assert not [name for name in ANSWER_HEADERS if name.lower().startswith("access-control")]
    assert ANSWER_HEADERS["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "frame-ancestors 'none'" in ANSWER_HEADERS["Content-Security-Policy"]
    assert "unsafe" not in ANSWER_HEADERS["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ({}, HTTPStatus.LENGTH_REQUIRED),
        ({"Content_Length": "10", "Transfer_Encoding": "chunked"}, HTTPStatus.LENGTH_REQUIRED),
        ({"Content_Length": "10", "Content_Encoding": "gzip"}, HTTPStatus.LENGTH_REQUIRED),
        ({"Content_Length": "0"}, HTTPStatus.BAD_REQUEST),
        ({"Content_Length": "-1"}, HTTPStatus.BAD_REQUEST),
        ({"Content_Length": "1_0"}, HTTPStatus.BAD_REQUEST),
        ({"Content_Length": "٣"}, HTTPStatus.BAD_REQUEST),
        ({"Content_Length": "9" * 400}, HTTPStatus.BAD_REQUEST),
        ({"Content_Length": "1001"}, HTTPStatus.REQUEST_ENTITY_TOO_LARGE),
        ({"Content_Length": "10", "Content_Type": "text/html"}, HTTPStatus.UNSUPPORTED_MEDIA_TYPE),
        ({"Content_Length": "10", "Content_Type": ""}, HTTPStatus.UNSUPPORTED_MEDIA_TYPE),
    ],
)
def test_a_body_that_is_not_taken_is_refused_before_it_is_read(given: dict[str, str], status: HTTPStatus) -> None:
    with pytest.raises(Refused) as refusal:
        body_length(headers(**{"Content_Type": "image/jpeg", **given}), 1000, JPEG)
    assert refusal.value.status == status


def test_a_body_of_the_largest_size_is_taken() -> None:
    assert body_length(headers(Content_Type="image/JPEG; q=1", Content_Length="1000"), 1000, JPEG) == 1000


def test_two_lengths_are_refused() -> None:
    given = headers(Content_Type="image/jpeg", Content_Length="10")
    given["Content-Length"] = "20"
    with pytest.raises(Refused):
        body_length(given, 1000, JPEG)


def test_the_rate_holds_in_the_long_run_and_lets_twice_as_many_come_at_once() -> None:
    now = [100.0]
    rate = Rate(5.0, clock=lambda: now[0])
    answered = 0
    for _ in range(1000):  # 100 requests per second for ten seconds
        now[0] += 0.01
        try:
            rate.take()
            answered += 1
        except Refused as refusal:
            assert refusal.status == HTTPStatus.TOO_MANY_REQUESTS and int(refusal.headers["Retry-After"]) >= 1
    assert 58 <= answered <= 61


def test_one_works_a_few_wait_and_the_others_are_sent_away() -> None:
    turns, order, go = Turns(waiting=2), [], threading.Event()

    def work(number: int) -> None:
        with turns.turn():
            order.append(number)
            go.wait(10)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(3)]
    for number, thread in enumerate(threads):
        thread.start()
        while number == 0 and not order:
            pass
    while turns._room.acquire(blocking=False):
        turns._room.release()
    with pytest.raises(Refused) as refusal, turns.turn():
        pass
    assert refusal.value.status == HTTPStatus.SERVICE_UNAVAILABLE and len(order) == 1
    go.set()
    for thread in threads:
        thread.join(10)
    with turns.turn():
        assert sorted(order) == [0, 1, 2]
