"""What followers are told: one event at once, or all that happened in a while, grouped by proposal.

Both carry the way to stop them. Nothing is written about what was hidden meanwhile, and nothing to who has stopped.
"""

from collections.abc import Iterable, Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session, contains_eager

from consulta import clock
from consulta.follows.models import EventKind, Follow, Mode, Notice
from consulta.follows.news import News, Place, read_news
from consulta.follows.tokens import Stop, make_stop
from consulta.labels import label
from consulta.messages.links import Site
from consulta.messages.mail import Mail
from consulta.messages.registry import message
from consulta.messages.wording import _, letter, long_date, ngettext, quoted, signature
from consulta.people.models import Account, Person
from consulta.text import excerpt

# A subject, and the paragraphs below it.
Told = tuple[str, Sequence[str | None]]
WORDS_MAX = 400
DIGEST_WORDS_MAX = 140
PLACES_MAX, LINES_MAX, OUTCOMES_MAX = 60, 12, 60


@message("follow_notice")
def follow_notice(
    session: Session, site: Site, *, person_id: int, mail_id: int, event_id: int | None = None
) -> Mail | None:
    """What happened just now, to one person: mostly one event. A row of earlier times names it as `event_id`."""
    reader, notices = _reader(session, person_id), _notices(session, mail_id)
    news = read_news(session, [notice.event for notice in notices], person_id)
    if reader is None or not news:
        return None
    if len(news) > 1:
        return _summary(session, site, reader, list(news.values()), Mode.AT_ONCE)
    notice = next(notice for notice in notices if notice.event_id in news)
    follow = notice.follow
    stop = site.stop(make_stop(site.secret_key, Stop(person_id, follow_id=notice.follow_id)))
    answered = follow is not None and follow.is_answers
    subject, parts = _told(site, news[notice.event_id], answered=answered)
    return letter(reader, subject, *parts, _why(follow), _end(stop), stop=stop)


@message("follow_digest")
def follow_digest(session: Session, site: Site, *, person_id: int, mode: str, mail_id: int) -> Mail | None:
    """Everything that happened since the last digest; nothing when nothing of it is left to tell."""
    reader, notices = _reader(session, person_id), _notices(session, mail_id)
    found = list(read_news(session, [notice.event for notice in notices], person_id).values())
    return None if reader is None or not found else _summary(session, site, reader, found, Mode(mode))


def _summary(session: Session, site: Site, reader: Person, found: Sequence[News], mode: Mode) -> Mail | None:
    """Several events in one letter, by proposal; its link stops all that is told by that mode."""
    places = _by_place(found)
    stop = site.stop(make_stop(site.secret_key, Stop(reader.id, digest=mode)))
    what, day = _first(places), long_date(clock.today())
    subjects = {
        Mode.AT_ONCE: _("Novedades: %(what)s", what=what),
        Mode.DAILY: _("Resumen diario: %(what)s", what=what),
        Mode.WEEKLY: _("Resumen semanal: %(what)s", what=what),
    }
    sections = [_section(site, place, news) for place, news in list(places.items())[:PLACES_MAX]]
    return letter(
        reader,
        subjects[mode],
        _("Esto pasó en lo que usted sigue, hasta el %(day)s.", day=day),
        *sections,
        _more(len(places) - PLACES_MAX),
        _choices(session, site, reader),
        _end(stop),
        stop=stop,
    )


def _reader(session: Session, person_id: int) -> Person | None:
    """The person, unless their account was disabled."""
    inactive = sa.exists().where(Account.person_id == Person.id, Account.is_active.is_(False))
    return session.scalars(sa.select(Person).where(Person.id == person_id, ~inactive)).one_or_none()


def _choices(session: Session, site: Site, reader: Person) -> str | None:
    """Where to change what is followed: a page of accounts, so nothing to who has none."""
    if session.scalar(sa.select(Account.id).where(Account.person_id == reader.id)) is None:
        return None
    return _("Cambie lo que sigue aquí:") + "\n" + site.followed()


def _notices(session: Session, mail_id: int) -> Sequence[Notice]:
    """What a mail has to tell, in the order in which it happened; not what its reader has stopped."""
    statement = (
        sa.select(Notice)
        .join(Notice.event)
        .join(Follow, Follow.id == Notice.follow_id)
        .where(Notice.mail_id == mail_id, Follow.mode != Mode.OFF)
        .order_by(Notice.event_id)
        .options(contains_eager(Notice.event), contains_eager(Notice.follow))
    )
    return session.scalars(statement).all()


def _told(site: Site, news: News, *, answered: bool) -> Told:
    """Subject and paragraphs of one event."""
    if news.place is None:
        return _results(site, news)
    folio, said = news.place.folio, news.contribution
    title = _("Propuesta: «%(title)s».", title=news.place.title) if news.place.title else None
    match news.kind:
        case EventKind.PROPOSAL_PUBLISHED | EventKind.REPLY_PUBLISHED if said is not None:
            address = site.proposal(folio)
            if said.is_reply:
                address = site.contribution(said.id)
            words = quoted(excerpt(said.public_body, WORDS_MAX))
            read = (_("Léala y responda aquí:") if said.is_reply else _("Léala aquí:")) + "\n" + address
            subject, first = _published(news, answered=answered)
            return subject, (first, title, words, read)
        case EventKind.PROPOSAL_FORWARDED:
            subject = _("La propuesta %(folio)s está en una institución", folio=folio)
            first = _("La propuesta %(folio)s, que usted sigue, avanzó un paso.", folio=folio)
            after = _("La respuesta se publicará junto con los resultados.")
            return subject, (first, title, _institutions(news), after, _follow_path(site, folio))
        case EventKind.PROPOSAL_MERGED if news.main is not None:
            subject = _("La propuesta %(folio)s se unió con otra", folio=folio)
            first = _(
                "La propuesta %(folio)s pide lo mismo que %(main)s. Desde ahora siguen juntas.",
                folio=folio,
                main=news.main.folio,
            )
            return subject, (first, title, _("Vea la principal aquí:") + "\n" + site.proposal(news.main.folio))
        case _:
            subject = _("La propuesta %(folio)s vuelve a ir por su cuenta", folio=folio)
            first = _("Ya no está unida a otra. Sigue su propio camino.")
            return subject, (first, title, _follow_path(site, folio))


def _published(news: News, *, answered: bool) -> tuple[str, str]:
    """Subject and first sentence about new words."""
    said, folio = news.contribution, news.place.folio if news.place else ""
    author = signature(said) if said else ""
    if said is not None and not said.is_reply:
        topic = said.topic.name if said.topic else ""
        return (
            _("Propuesta nueva %(folio)s: %(topic)s", folio=folio, topic=topic),
            _("%(author)s publicó una propuesta en el tema «%(topic)s».", author=author, topic=topic),
        )
    if answered:
        return (
            _("Le respondieron en %(folio)s", folio=folio),
            _("%(author)s respondió a lo que usted escribió.", author=author),
        )
    return (
        _("Respuesta nueva en %(folio)s", folio=folio),
        _("%(author)s respondió en una propuesta que usted sigue.", author=author),
    )


def _results(site: Site, news: News) -> Told:
    title, code = (news.plan.title, news.plan.code) if news.plan else ("", "")
    folios = [folio for folio, _outcome in news.outcomes]
    what = _short(folios) if folios else title
    return _("Resultados de la consulta: %(what)s", what=what), (
        _("Publicamos los resultados de «%(plan)s».", plan=title),
        _outcomes(news),
        _("Cada decisión tiene su justificación. Léalas aquí:") + "\n" + site.results(code),
    )


def _outcomes(news: News) -> str | None:
    """What became of each followed proposal."""
    if not news.outcomes:
        return None
    lines = [f"- {folio}: {label(outcome)}" for folio, outcome in news.outcomes[:OUTCOMES_MAX]]
    more = len(news.outcomes) - OUTCOMES_MAX
    return "\n".join([*lines, *([_("- Y %(num)s más.", num=more)] if more > 0 else [])])


def _institutions(news: News) -> str:
    first = ngettext("Debe responder:", "Deben responder:", len(news.institutions))
    rows = [_("- %(name)s, hasta el %(day)s", name=name, day=long_date(day)) for name, day in news.institutions]
    return "\n".join([first, *rows])


def _follow_path(site: Site, folio: str) -> str:
    return _("Siga su camino aquí:") + "\n" + site.proposal(folio)


def _by_place(found: Iterable[News]) -> dict[Place | None, list[News]]:
    """What happened to each proposal, in the order in which it began to; results, of no proposal, have None."""
    places: dict[Place | None, list[News]] = {}
    for news in found:
        places.setdefault(news.place, []).append(news)
    return places


def _section(site: Site, place: Place | None, news: Sequence[News]) -> str:
    """One proposal: its name, a line for each thing that happened, and where to read it."""
    if place is None:
        return "\n".join(part for one in news for part in _results(site, one)[1] if part)
    head = f"{place.folio} {_('«%(title)s»', title=place.title)}" if place.title else place.folio
    lines = [f"- {_line(one)}" for one in news[:LINES_MAX]]
    more = len(news) - LINES_MAX
    if more > 0:
        lines.append(ngettext("- Y %(num)s novedad más.", "- Y %(num)s novedades más.", more))
    return "\n".join([head, *lines, site.proposal(place.folio)])


def _line(news: News) -> str:
    """One thing that happened to a proposal, in a line."""
    said = news.contribution
    if said is not None:
        words = excerpt(said.public_body, DIGEST_WORDS_MAX)
        if said.is_reply:
            return _("%(author)s respondió: %(words)s", author=signature(said), words=words)
        return _("Propuesta nueva de %(author)s: %(words)s", author=signature(said), words=words)
    if news.main is not None:
        return _("Se unió con %(main)s, que pide lo mismo.", main=news.main.folio)
    if news.institutions:
        return _("Está en: %(names)s.", names=", ".join(name for name, _day in news.institutions))
    return _("Ya no está unida a otra.")


def _first(places: Iterable[Place | None]) -> str:
    """What a subject names: the first folio, and how many more."""
    folios = [place.folio for place in places if place is not None]
    return _short(folios) if folios else _("resultados de la consulta")


def _short(folios: Sequence[str]) -> str:
    more = len(folios) - 1
    return folios[0] if not more else _("%(folio)s y %(more)s más", folio=folios[0], more=more)


def _more(num: int) -> str | None:
    if num <= 0:
        return None
    return ngettext("Y %(num)s propuesta más con novedades.", "Y %(num)s propuestas más con novedades.", num)


def _why(follow: Follow | None) -> str:
    if follow is None or follow.is_answers:
        return _("Recibe este correo porque alguien le respondió.")
    if follow.topic_id is not None:
        return _("Recibe este correo porque sigue el tema.")
    return _("Recibe este correo porque sigue la propuesta.")


def _end(stop: str) -> str:
    return _("Para no recibir más estos avisos:") + "\n" + stop
