"""Somebody who did everything that can be done here, through the services, with marks in every word."""

from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from consulta import clock
from consulta.contributions import services as writing
from consulta.contributions.drafts import save_draft
from consulta.contributions.editing import edit_contribution
from consulta.contributions.holding import Sending
from consulta.contributions.models import Contribution, RejectionReason, ReportReason
from consulta.contributions.moderation import hide_contribution, reject_contribution
from consulta.contributions.redacting import redact_contribution
from consulta.contributions.reporting import report_contribution
from consulta.database import Base
from consulta.database import writing as committed
from consulta.demographics.models import Sex
from consulta.demographics.services import tell_demographics
from consulta.follows.models import Mode
from consulta.follows.services import follow
from consulta.moderation.notes import write_note
from consulta.people.addresses import ask_for_address
from consulta.people.codes import send_code
from consulta.people.identities import Proof, ask_for_code, link_identity
from consulta.people.models import Identity, IdentityClaim, InstitutionKind, LoginSession, Passkey
from consulta.people.sign_ups import request_account
from consulta.proposals.services import systematize_proposal
from consulta.representation.services import Organization, ask_to_represent
from tests.factories import store
from tests.factories.accounts import make_account
from tests.factories.guests import send_text
from tests.factories.people import actor_of, make_actor, make_coordinator, make_person
from tests.factories.plans import make_plan, make_topic, make_trusting_topic

NAME, EMAIL = "Zoila Marcadora Única", "zoila.marcada@example.org"
STAYS = "quedapublico"
SENDING = Sending(30.0, prefix="190.86.9")
# What must not be found anywhere afterwards, in small letters.
GOES = (
    *("marcadora", "zoila", "7123-4567", "01234567-8", "71234567", "llavedezoila", "identidadsuya", "190.86.9"),
    *("sevaborrador", "sevatitulo", "sevatexto", "sevaresumen", "sevapendiente", "sevarechazado", "sevaoculto"),
    *("sevaretirado", "sevacambio", "sevaquitado", "sevasugerido", "sevareclamo", "sevadenuncia", "sevaequipo"),
    *("sevainvitada", "otra.marcadora", "sevacargo", "sevaprueba"),
)


class Life:
    """One person, a plan in which texts are shown at once or read first, and the others who answer."""

    def __init__(self, app: Flask, session: Session) -> None:
        self.session = session
        self.plan = make_plan(session)
        self.topic, self.slow = make_trusting_topic(session, self.plan), make_topic(session, self.plan)
        self.person = make_person(session, public_name=NAME, email=EMAIL)
        self.account = make_account(app, session, self.person)
        self.me, self.other = actor_of(self.person), make_actor(session)
        self.coordinator = make_coordinator(session)
        self.texts: dict[str, int] = {}
        self._publish()
        self._lose()
        self._take_part()
        self._keep_account()
        session.rollback()

    def say(self, name: str, title: str, body: str, *, slowly: bool = False, **changes: Any) -> Contribution:
        place = self.slow if slowly else self.topic
        made = writing.submit_contribution(
            self.session, actor=self.me, topic_id=place.id, title=title, body=body, form_key=name, **changes
        )
        self.texts[name] = made.id
        return made

    def text(self, name: str) -> Contribution:
        return self.session.get_one(Contribution, self.texts[name])

    def found(self) -> list[str]:
        """Where something of the person is left: each mark with the table that has it."""
        self.session.rollback()
        self.session.expire_all()
        left = []
        for table in Base.metadata.sorted_tables:
            rows = repr([tuple(row) for row in self.session.execute(sa.select(table))]).lower()
            left += [f"{table.name}: {mark}" for mark in GOES if mark in rows]
        return left

    def _publish(self) -> None:
        """What everybody reads: with personal data in it, about the person, edited in public, redacted."""
        session = self.session
        said = f"{STAYS}: agua limpia. Soy {NAME}, {EMAIL.upper()}, tel. +503 7123-4567 o 71234567, DUI 01234567-8."
        kept = self.say(
            "kept", f"Agua para todos, dice {NAME}", said, suggested_institution_text="sevasugerido", sending=SENDING
        )
        writing.reply(session, actor=self.other, parent_id=kept.id, body="De acuerdo con esto.", form_key="r0")
        answer = writing.reply(session, actor=self.me, parent_id=kept.id, body=f"Gracias, {NAME}.", form_key="r1")
        self.texts["answer"] = answer.id
        with clock.set_to(clock.now() + timedelta(minutes=20)):
            self._edit("kept", f"{said} Plan 2018-2020.")
        chosen = self.say("chosen", "sevatitulo de mi familia", "sevatexto: esto habla de mi familia y mi casa.")
        systematize_proposal(
            session,
            actor=self.coordinator,
            proposal_id=chosen.proposal_links[0].proposal_id,
            version=None,
            topic_id=self.topic.id,
            summary="Resumen sevaresumen de la propuesta",
        )
        redacted = self.say("redacted", "Un parque", f"{STAYS}: un parque en sevaquitado, donde juegan los niños.")
        redact_contribution(
            session,
            actor=self.coordinator,
            contribution_id=redacted.id,
            public_title="Un parque",
            public_body=f"{STAYS}: un parque donde juegan los niños.",
            note=f"Se quitó la dirección de {NAME}.",
        )
        write_note(session, actor=self.coordinator, contribution_id=kept.id, text="sevaequipo: la conocen todos.")

    def _lose(self) -> None:
        """What nobody reads any more, or never did."""
        session, team = self.session, self.coordinator
        hidden = self.say("hidden", "Título sevaoculto", "sevaoculto: esto se oculta porque ofende.")
        why = f"Se oculta lo que escribió {NAME}, por ofensivo."
        reason = RejectionReason.OFFENSIVE
        hide_contribution(session, actor=team, contribution_id=hidden.id, reason=reason, public_text=why)
        withdrawn = self.say("withdrawn", "Título sevaretirado", "sevaretirado: esto lo retiro yo después.")
        writing.withdraw(session, actor=self.me, contribution_id=withdrawn.id)
        self.say("pending", "Título sevapendiente", "sevapendiente: esto espera que alguien lo lea.", slowly=True)
        with clock.set_to(clock.now() + timedelta(minutes=20)):
            self._edit("pending", "sevacambio: esto espera con otras palabras.")
        rejected = self.say("rejected", "Título sevarechazado", "sevarechazado: no se admite esto.", slowly=True)
        reject_contribution(session, actor=team, contribution_id=rejected.id, reason=reason, public_text=why)
        writing.appeal(
            session,
            actor=self.me,
            contribution_id=rejected.id,
            version=None,
            text="sevareclamo: no ofendo a nadie, léanlo otra vez por favor.",
        )

    def _edit(self, name: str, body: str) -> None:
        text = self.text(name)
        edit_contribution(
            self.session,
            actor=self.me,
            contribution_id=text.id,
            title=text.public_title or "",
            body=body,
            version=None,
        )

    def _take_part(self) -> None:
        """Supports, reports, follows, a draft, statistics; and texts sent without the account from its address."""
        session, me = self.session, self.me
        theirs = writing.submit_contribution(
            session,
            actor=self.other,
            topic_id=self.topic.id,
            title="Otra",
            body="Lo que otra persona propone.",
            form_key="o",
        )
        writing.support(session, actor=me, contribution_id=theirs.id)
        writing.support(session, actor=self.other, contribution_id=self.texts["kept"])
        report_contribution(
            session, actor=me, contribution_id=theirs.id, reason=ReportReason.OTHER, note="sevadenuncia: no es cierto."
        )
        follow(session, actor=me, mode=Mode.AT_ONCE, topic_id=self.topic.id)
        save_draft(session, actor=me, topic_id=self.topic.id, parent_id=None, fields={"body": "sevaborrador"})
        tell_demographics(session, actor=me, sex=Sex.WOMAN, age_range=None, department=None, consents=True)
        organization = Organization(None, "SEVA", "sevaorganización", InstitutionKind.GROUP)
        ask_to_represent(session, actor=me, organization=organization, post="sevacargo", evidence="sevaprueba")
        send_text(session, self.topic, email=EMAIL, public_name=f"Vecina {NAME}", body="sevainvitada: mando esto así.")

    def _keep_account(self) -> None:
        """Whatever opens the account, and what waits to be sent to its address."""
        session, me, now = self.session, self.me, clock.now()
        store(
            session,
            Passkey(
                account_id=self.account.id,
                credential_id="llavedezoila",
                public_key="x",
                use_count=0,
                name="Teléfono de Zoila",
                created_at=now,
            ),
        )
        issuer = "https://ciudad.example"
        proof = Proof("Ciudad", issuer, "identidadsuya", EMAIL, True, NAME)
        link_identity(session, actor=me, proof=proof)
        claimed = Proof("Ciudad", issuer, "identidadsuya-2", "", False, NAME)
        ask_for_code(session, proof=claimed, email=EMAIL, public_name=NAME, consents=True, allows_test=True)
        with committed(session):  # it must not end by itself before what is tested ends it
            session.execute(sa.update(IdentityClaim).values(expires_at=now + timedelta(days=90)))
        send_code(session, email=EMAIL)
        ask_for_address(session, actor=me, email="zoila.otra.marcadora@example.org")
        request_account(
            session,
            actor=me,
            public_name=NAME,
            email=EMAIL,
            password="la ceiba del parque da sombra",
            consents=True,
            hash_password=lambda password: "x",
        )
        for account_id, data in ((self.account.id, {"x": NAME}), (None, {"claim": {"email": EMAIL}})):
            row = LoginSession(token_hash=f"t{account_id}", account_id=account_id, device="Zoila", data=data)
            row.created_at = row.last_seen_at = now
            row.expires_at = now + timedelta(days=90)
            store(session, row)
        assert session.query(Identity).count() == 1
