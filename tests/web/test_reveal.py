"""Masks are lifted one by one: by who may, exactly where there is one, and never without a line in the log."""

import json
from collections.abc import Callable
from dataclasses import dataclass

import pytest
import sqlalchemy as sa

from audit.model.call import Call
from audit.model.review import UserRole
from audit.model.span import CharSpan
from audit.report.redaction import Redactor
from audit.store import tables as t
from audit.store.calls import stored_report
from audit.store.tokens import make
from audit.web.desk import Desk
from audit.web.dialogue import hidden_spans
from tests.web.conftest import NAMES, Browser

Client = Callable[..., Browser]


@dataclass(frozen=True, slots=True)
class Masked:
    """A call with a masked piece: where it is and what it hides."""

    number: int
    call: Call
    turn: int
    span: CharSpan
    text: str

    @property
    def where(self) -> dict[str, str]:
        return {"turn": str(self.turn), "start": str(self.span.start), "end": str(self.span.end)}


@pytest.fixture
def masked(desk: Desk) -> Masked:
    """The identity number that the agent of sample-09 reads out."""
    with desk.store.reading() as connection:
        number = connection.execute(sa.select(t.calls.c.id).where(t.calls.c.call_id == "sample-09")).scalar_one()
        call = stored_report(connection, number).call
    redactor = Redactor(call)
    turn, span = next((turn, span) for turn in call.turns for span in hidden_spans(turn, redactor) if span.start > 0)
    return Masked(number, call, turn.index, span, span.of(turn.text))


def reveals(desk: Desk) -> list[tuple[str, str, dict[str, object]]]:
    with desk.store.reading() as connection:
        lines = connection.execute(sa.select(t.log).where(t.log.c.action == "reveal").order_by(t.log.c.id)).all()
    return [(line.actor, line.subject, json.loads(line.facts)) for line in lines]


def test_a_masked_piece_is_told_in_clear_and_the_log_says_to_whom_and_not_what(
    client: Client, desk: Desk, masked: Masked
) -> None:
    answer = client().post_form(f"/calls/{masked.number}/reveal", masked.where)
    assert answer.status_code == 200 and answer.json() == {"text": masked.text}
    assert answer.headers["cache-control"] == "private, no-store"
    facts: dict[str, object] = {"turn": masked.turn, "start": masked.span.start, "end": masked.span.end}
    assert reveals(desk) == [(NAMES[UserRole.OFFICER], f"call:{masked.number}", facts)]
    assert masked.text not in str(reveals(desk))


def test_every_masked_piece_can_be_lifted_and_each_is_a_line(client: Client, desk: Desk, masked: Masked) -> None:
    redactor, officer = Redactor(masked.call), client()
    pieces = [(turn, span) for turn in masked.call.turns for span in hidden_spans(turn, redactor)]
    for turn, span in pieces:
        where = {"turn": turn.index, "start": span.start, "end": span.end}
        assert officer.post_form(f"/calls/{masked.number}/reveal", where).json() == {"text": span.of(turn.text)}
    assert len(reveals(desk)) == len(pieces) > 1


def test_nothing_but_exactly_one_masked_piece_is_told(client: Client, desk: Desk, masked: Masked) -> None:
    start, end, length = masked.span.start, masked.span.end, len(masked.call.turns[masked.turn].text)
    officer = client()
    for first, last in (
        (start - 1, end), (start, end - 1), (start + 1, end), (start, end + 1), (0, length), (start, start), (end, start),
        (-1, end), (0, 1), (start, 10**12), (length, length + 5),
    ):  # fmt: skip
        where = {"turn": masked.turn, "start": first, "end": last}
        answer = officer.post_form(f"/calls/{masked.number}/reveal", where)
        assert (answer.status_code, "CA844" in answer.text) == (422, True), where
    for wrong in ({**masked.where, "turn": "99"}, {**masked.where, "turn": "-1"}, {"turn": "0"}, {}, {"field": ""}):
        assert officer.post_form(f"/calls/{masked.number}/reveal", wrong).status_code == 422
    for wrong in ({**masked.where, "start": "x"}, {"field": "password_hash"}, {"field": "agent_id"}):
        answer = officer.post_form(f"/calls/{masked.number}/reveal", wrong)
        assert answer.status_code == 422 and "CA835" in answer.text
    for nowhere in (999, 99999999999999999999):
        assert officer.post_form(f"/calls/{nowhere}/reveal", masked.where).status_code == 404
    assert reveals(desk) == []


def test_fields_of_the_call_record_are_told_where_they_are_masked(client: Client, desk: Desk, masked: Masked) -> None:
    officer = client()
    answer = officer.post_form(f"/calls/{masked.number}/reveal", {"field": "debtor_name"})
    assert answer.json() == {"text": masked.call.metadata.debtor_name}
    # The manifest has the number with stars in it: there is nothing behind the mask.
    for field in ("callee_number", "debtor_id", "case_no", "call_id"):
        assert officer.post_form(f"/calls/{masked.number}/reveal", {"field": field}).status_code == 422
    assert reveals(desk) == [(NAMES[UserRole.OFFICER], f"call:{masked.number}", {"field": "debtor_name"})]
    with desk.store.writing() as connection:
        of_call = t.calls.c.id == masked.number
        record = json.loads(connection.execute(sa.select(t.calls.c.metadata).where(of_call)).scalar_one())
        clear = json.dumps(record | {"callee_number": "13800138000"})
        connection.execute(t.calls.update().where(of_call).values(metadata=clear))
    answer = officer.post_form(f"/calls/{masked.number}/reveal", {"field": "callee_number"})
    assert answer.json() == {"text": "13800138000"}


def test_only_who_may_reveal_is_told(client: Client, anonymous: Browser, desk: Desk, masked: Masked) -> None:
    where = f"/calls/{masked.number}/reveal"
    refused = [anonymous.post(where, data=masked.where)]
    refused += [client(role).post_form(where, masked.where) for role in (UserRole.TRAINER, UserRole.VIEWER)]
    refused += [client().post(where, data=masked.where), client().post(where, data=masked.where | {"csrf": "x"})]
    assert [answer.status_code for answer in refused] == [303, 403, 403, 403, 403]
    assert not any(masked.text in answer.text for answer in refused)
    assert client().get(where).status_code == 405
    assert reveals(desk) == []
    for role in (UserRole.LEAD, UserRole.ADMIN):
        assert client(role).post_form(where, masked.where).json() == {"text": masked.text}


def test_a_program_is_told_with_its_token(anonymous: Browser, desk: Desk, masked: Masked) -> None:
    where = f"/api/v1/calls/{masked.number}/reveal"
    asked = {"turn": masked.turn, "start": masked.span.start, "end": masked.span.end}
    assert anonymous.post(where, json=asked).status_code == 401
    with desk.store.reading() as connection:
        users = {row.name: row.id for row in connection.execute(sa.select(t.users))}
    for role, status in ((UserRole.OFFICER, 200), (UserRole.TRAINER, 403)):
        bearer = {"Authorization": f"Bearer {make(desk.store, users[NAMES[role]], 'test')}"}
        answer = anonymous.post(where, json=asked, headers=bearer)
        assert (answer.status_code, masked.text in answer.text) == (status, status == 200)
    assert [line[0] for line in reveals(desk)] == [NAMES[UserRole.OFFICER]]


def test_nothing_is_told_that_the_log_cannot_take(client: Client, desk: Desk, masked: Masked) -> None:
    officer = client()
    with desk.store.writing() as connection:
        connection.exec_driver_sql("CREATE TRIGGER full BEFORE INSERT ON log BEGIN SELECT RAISE(ABORT, 'full'); END")
    answer = officer.post_form(f"/calls/{masked.number}/reveal", masked.where)
    assert answer.status_code == 503 and masked.text not in answer.text
