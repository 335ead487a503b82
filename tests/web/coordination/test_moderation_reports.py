"""Reports on the moderation pages: answered by what was seen of them, one by one or several together."""

import re

from sqlalchemy.orm import Session

from consulta.contributions.models import Contribution, ContributionState, ReportReason
from consulta.contributions.reporting import report_contribution
from consulta.plans.models import Topic
from tests.clients import Clients
from tests.factories.contributions import make_contribution
from tests.factories.people import make_actor
from tests.web.coordination.test_moderation import path_of, state_of, topic
from tests.web.coordination.test_moderation_trays import TRAY, batch_in

__all__ = ("topic",)  # fixture


def test_a_report_that_a_page_did_not_show_is_not_closed_by_it(
    client_as: Clients, session: Session, topic: Topic
) -> None:
    rows = [make_contribution(session, topic) for _ in range(2)]
    client, tray = client_as("moderator"), "?ver=denunciados"

    def report(row: Contribution, note: str) -> None:
        report_contribution(
            session, actor=make_actor(session), contribution_id=row.id, reason=ReportReason.OTHER, note=note
        )

    for row in rows:
        report(row, "Vea el título.")
    shown = re.search(r'name="last_report" type="hidden" value="(\d+)"', client.get(path_of(rows[0]) + tray).text)
    marks = re.findall(r'name="chosen" value="([\d:]+)"', client.get(TRAY + tray).text)
    assert (shown is not None, len(marks)) == (True, 2)
    for row in rows:
        report(row, "Vea el segundo párrafo.")
    same = {"version": rows[0].version, "last_report": shown[1] if shown else ""}
    assert client.submit(path_of(rows[0], "revisado"), **same).status_code == 303
    check = client.submit(f"{TRAY}/lote", chosen=[marks[1]], act="review").text
    assert f'value="{marks[1]}"' in check
    assert client.submit(f"{TRAY}/lote/hacer", chosen=marks[1], act="review").status_code == 303
    for row in rows:
        page = client.get(path_of(row) + tray).text
        assert "Vea el segundo párrafo." in page
        assert "Vea el título." not in page


def test_what_reports_hid_is_shown_again_together(client_as: Clients, session: Session, topic: Topic) -> None:
    rows = [make_contribution(session, topic) for _ in range(3)]
    for row, reason in zip(rows, (ReportReason.THREAT, ReportReason.THREAT, ReportReason.SPAM), strict=True):
        report_contribution(session, actor=make_actor(session), contribution_id=row.id, reason=reason)
    client, tray = client_as("moderator"), f"{TRAY}?ver=denunciados"
    marks = re.findall(r'name="chosen" value="([\d:]+)"', client.get(tray).text)
    check = client.submit(f"{TRAY}/lote", chosen=marks, act="unhide").text
    assert "Se mostrarán de nuevo 2 aportes. 1 se quedará como está." in check
    fields = {"chosen": ",".join(marks), "act": "unhide"}
    bad = client.submit(f"{TRAY}/lote/hacer", reason="", **fields)
    assert (bad.status_code, state_of(session, rows[0])) == (422, ContributionState.HIDDEN)
    inserted = client.submit(f"{TRAY}/lote/hacer", reason="No hay amenaza.", insert="1", **fields)
    assert inserted.status_code == 303
    page = client.get(tray).text
    assert "Se mostraron de nuevo 2 aportes. 1 se quedó como estaba." in page
    assert [state_of(session, row) for row in rows] == [ContributionState.PUBLISHED] * 3
    client.submit(f"{TRAY}/deshacer", batch=batch_in(page))
    hidden, shown = ContributionState.HIDDEN, ContributionState.PUBLISHED
    assert [state_of(session, row) for row in rows] == [hidden, hidden, shown]
