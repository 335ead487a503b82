"""Topics and documents of a plan of the demonstration."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from consulta import clock
from consulta.demo.texts import day, read
from consulta.people.actors import Actor
from consulta.plans.documents import add_document
from consulta.plans.files import UploadedFile
from consulta.plans.models import Document, DocumentKind, Topic, TopicState
from consulta.plans.topics import TopicText, create_topic, move_topic, slug


def load_topics(
    session: Session,
    actor: Actor,
    plan_id: int,
    plan_code: str,
    names: Sequence[tuple[str, str]],
    when: datetime,
    texts: dict[str, dict[str, str]] | None = None,
) -> None:
    """Create and publish the topics that are not there, in the order of `names` (code, name)."""
    texts = texts or read("topics")
    known = set(session.scalars(sa.select(Topic.code).where(Topic.plan_id == plan_id)))
    for code, name in names:
        if code in known:
            continue
        text = TopicText(name=name, one_line=texts[code]["one_line"], intro=texts[code]["intro"])
        with clock.set_to(when):
            topic = create_topic(
                session,
                actor=actor,
                plan_id=plan_id,
                text=text,
                code=code,
                external_ref=f"demo:{plan_code}:topic:{code}",
            )
            move_topic(session, actor=actor, topic_id=topic.id, version=None, to=TopicState.PUBLISHED)


def load_documents(session: Session, actor: Actor, plan_id: int, plan_code: str, when: datetime) -> None:
    """The documents of the repository, as small text files."""
    for n, row in enumerate((r for r in read("documents") if r["plan"] == plan_code), start=1):
        reference = f"demo:{plan_code}:document:{n}"
        if session.scalar(sa.select(Document.id).where(Document.external_ref == reference)):
            continue
        upload = UploadedFile(f"{slug(row['title'])}.txt", row["text"].encode())
        with clock.set_to(when):
            add_document(
                session,
                actor=actor,
                plan_id=plan_id,
                upload=upload,
                title=row["title"],
                kind=DocumentKind(row["kind"]),
                issued_on=day(row["date"]) if row.get("date") else clock.local_date(when),
                edition=str(row["version"]),
                external_ref=reference,
            )
