"""What a refusal says to people: one Spanish sentence for each code, in plain words and without blame."""

import math
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from consulta import clock
from consulta.contributions.models import Draft
from consulta.errors import (
    GuardRefused,
    KeyReused,
    NotInThisState,
    NotNow,
    Problem,
    Refusal,
    StaleVersion,
    TooMany,
    WindowClosed,
)
from consulta.labels import label
from consulta.web.filters import number
from consulta.web.i18n import gettext, ngettext
from consulta.web.i18n import lazy_gettext as _l

LONGEST_IN_SECONDS = 90
CONTRIBUTIONS: dict[str, Any] = {
    "body_missing": _l("Falta el texto de su propuesta."),
    "reply_missing": _l("Falta el texto de su respuesta."),
    "text_too_short": _l("El texto debe tener al menos %(min)s caracteres. Ahora tiene %(length)s."),
    "text_too_long": _l("El texto puede tener hasta %(max)s caracteres. Ahora tiene %(length)s."),
    "text_unreadable": _l("El texto tiene signos que no se pudieron leer (�). Escríbalos de nuevo o bórrelos."),
    "public_text_missing": _l("Falta el texto público."),
    "completion_unexplained": _l("Diga qué falta y hasta cuándo puede completarse."),
    "rejection_unexplained": _l("Elija un motivo y escriba el texto público."),
    "appealed_already": _l("Ya se pidió una revisión de este aporte. Solo se puede pedir una vez."),
    "already_processed": _l("La propuesta ya está en proceso y no se puede retirar."),
    "already_in_process": _l("La propuesta ya está en proceso y su texto no se puede cambiar."),
    "edit_without_change": _l("El texto es igual al que ya se lee. Cámbielo o deje la página."),
    "no_edit_waits": _l("Ya no hay un cambio por revisar en este aporte."),
    "public_reason_missing": _l("Escriba el texto que se leerá."),
    "reason_code_missing": _l("Elija un motivo."),
    "appeal_missing": _l("Escriba por qué pide que lo revisemos de nuevo."),
    "redaction_unexplained": _l("Diga qué se quitó del texto."),
    "parent_not_shown": _l("Ya no se puede responder a este aporte."),
    "report_reason_missing": _l("Elija por qué lo denuncia."),
    "report_note_missing": _l("Cuente qué pasa con este texto."),
    "report_unsure": _l("Revise su denuncia y envíela de nuevo."),
    "report_known": _l("Hoy ya llegó una denuncia de este texto desde su conexión. El equipo la tiene."),
    "report_not_shown": _l("Este texto ya no se muestra, así que no hace falta denunciarlo."),
    "report_own": _l("Este texto es suyo. Si ya no quiere que se lea, puede retirarlo."),
    "support_not_shown": _l("Ya no se puede apoyar este aporte."),
    "follows_too_many": _l("Ya sigue %(most)s temas y propuestas. Deje de seguir alguno para seguir otro."),
    "institution_unknown": _l("Elija una institución de la lista."),
    "topic_unknown": _l("Elija un tema de la lista."),
    "date_not_future": _l("La fecha debe ser posterior a hoy."),
    "date_in_future": _l("La fecha no puede ser posterior a hoy."),
    "late_reason_missing": _l("Llegó después del cierre. Escriba por qué se recibe."),
    "contributor_missing": _l("Diga quién la envía: elija una institución o escriba un nombre."),
    "channel_not_registered": _l("Elija el medio por el que llegó."),
    "channel_of_institutions": _l("El medio «Propuesta institucional» es solo para instituciones públicas."),
}
MODERATION: dict[str, Any] = {
    "claimed_by_other": _l("%(holder)s está revisando este aporte. Su texto sigue aquí, sin enviar."),
    "note_missing": _l("Escriba la nota."),
    "undo_not_yours": _l("Solo puede deshacerlo quien lo hizo."),
    "undo_too_late": _l("Ya pasaron los 10 segundos y el aviso salió. No se cambió nada."),
    "undo_in_use": _l("Alguien ya respondió o apoyó este aporte. No se cambió nada."),
    "undo_changed": _l("Alguien cambió este aporte después. No se cambió nada."),
    "changed_meanwhile": _l("Cambió desde que usted lo vio"),
    "not_in_this_state": _l("Su estado no admite este paso"),
    "plan_past_it": _l("Su plan ya no lo admite"),
    "own_words": _l("Lo escribió usted, y lo revisa otra persona"),
    "somebody_reads_it": _l("Otra persona lo está revisando"),
    "without_text": _l("No tiene texto público"),
}
PROPOSALS: dict[str, Any] = {
    "source_unpublished": _l("La propuesta necesita un aporte publicado."),
    "systematization_incomplete": _l("Faltan el tema final o el resumen de la propuesta."),
    "merge_with_itself": _l("Una propuesta no se puede unir a sí misma."),
    "merge_across_plans": _l("Las dos propuestas deben ser del mismo plan."),
    "main_not_available": _l("La propuesta principal no puede recibir otras en su estado actual."),
    "is_main_of_others": _l("Otras propuestas están unidas a esta. Sepárelas primero."),
    "not_a_split_or_take": _l("Solo se anula una propuesta que nació de dividir o retomar un aporte."),
    "nothing_sent": _l("Todavía no se envía a ninguna institución."),
    "referral_live": _l("Hay una institución que aún tiene la propuesta."),
    "referrals_pending": _l("Faltan respuestas de instituciones que están en plazo."),
    "needs_institution": _l("Sin enviarla, solo puede decidirse que no se incorpora, por alcance o competencia."),
    "results_are_public": _l("Los resultados ya son públicos. Este cambio ya no es posible."),
    "topic_missing": _l("Elija el tema final."),
    "topic_of_other_plan": _l("Elija un tema de este plan."),
    "summary_missing": _l("Escriba el resumen en una línea."),
    "nothing_chosen": _l("Elija al menos una propuesta."),
    "main_missing": _l("Elija la propuesta principal."),
    "not_a_reply": _l("Solo se retoma una respuesta de la conversación."),
    "reply_is_proposal": _l("Esta respuesta ya es una propuesta."),
    "not_a_source": _l("Solo se divide un aporte que ya es una propuesta."),
}
PLANS: dict[str, Any] = {
    "window_unset": _l("Faltan las fechas de apertura y cierre."),
    "no_published_topic": _l("Publique al menos un tema."),
    "topic_without_intro": _l("Hay temas publicados sin introducción."),
    "window_not_closed": _l("El plazo para recibir propuestas sigue abierto."),
    "unmoderated_left": _l("Hay aportes en revisión o en subsanación."),
    "results_unpublished": _l("Falta publicar los resultados."),
    "proposals_undecided": _l("Hay propuestas sin decisión."),
    "commitments_unvalidated": _l("Hay compromisos sin validar."),
    "results_blocked": _l("Todavía falta algo para publicar los resultados. La lista dice qué."),
    "approval_unsigned": _l("Faltan la fecha de firma y el documento."),
    "approver_decided": _l("Usted decidió propuestas de este plan. Otra persona debe aprobarlo."),
    "code_shape": _l("Use solo letras minúsculas sin tilde, números y guiones."),
    "code_taken": _l("Ya existe un plan con ese código."),
    "period_reversed": _l("La fecha final no puede ser anterior a la inicial."),
    "threshold_range": _l("Escriba un número entre %(min)s y %(max)s."),
    "response_days_range": _l("Escriba un número de días hábiles entre 1 y %(max)s."),
    "not_public_body": _l("Elija una institución pública."),
    "only_in_preparation": _l("Esto solo se cambia mientras el plan está en preparación."),
    "only_in_consultation": _l("Esto solo se puede hacer mientras el plan está en consulta."),
    "window_reversed": _l("El cierre no puede ser anterior a la apertura."),
    "notice_after_opening": _l("El aviso debe publicarse antes de la apertura."),
    "window_not_later": _l("La nueva fecha debe ser posterior al cierre actual."),
    "window_in_past": _l("La nueva fecha de cierre ya pasó."),
    "window_not_open": _l("El plazo no está abierto en este momento."),
    "date_in_future": _l("Esta fecha no puede estar en el futuro."),
    "intro_missing": _l("Escriba la introducción del tema."),
    "topic_name_taken": _l("Este plan ya tiene un tema con ese nombre."),
    "topic_in_use": _l("El tema ya tiene aportes o propuestas. Puede cerrarlo, pero no quitarlo."),
    "name_without_letters": _l("El nombre debe tener letras o números."),
    "file_missing": _l("Elija un archivo."),
    "file_empty": _l("El archivo está vacío."),
    "file_kind": _l("No se admite ese tipo de archivo. Se admiten: %(kinds)s."),
    "file_too_large": _l("El archivo puede pesar hasta %(max)s MB."),
    "file_mismatch": _l("El contenido del archivo no corresponde a su extensión %(kind)s."),
    "document_signed": _l("Es el documento firmado del plan y no se puede retirar."),
    "document_withdrawn": _l("El documento ya está retirado."),
}
RESPONSES: dict[str, Any] = {
    "justification_missing": _l("Falta la justificación pública."),
    "reasons_missing": _l("Elija al menos un motivo."),
    "reason_detail_missing": _l("Diga dónde existe o cuál es el otro motivo."),
    "institutions_unnamed": _l("Las respuestas no coinciden. Nombre en la justificación a: %(institutions)s."),
    "not_past_due": _l("El plazo de la institución todavía no vence."),
    "suggested_itself": _l("Elija una institución distinta de la suya."),
}
DISPATCHES: dict[str, Any] = {
    "proposals_missing": _l("Elija al menos una propuesta."),
    "institutions_missing": _l("Elija al menos una institución."),
    "cover_missing": _l("Falta el texto del oficio."),
    "not_sendable": _l("Ya no se pueden enviar en su estado actual: %(folios)s."),
    "already_referred": _l("Ya se enviaron a esa institución: %(pairs)s."),
    "institution_unavailable": _l("Elija una institución pública que exista hoy."),
    "due_missing": _l("Falta la fecha límite. Use el formato día, mes y año."),
    "due_not_future": _l("La fecha límite debe ser posterior a hoy."),
    "due_not_working_day": _l("La fecha límite cae en fin de semana o asueto. Elija un día hábil."),
    "due_not_later": _l("La nueva fecha debe ser posterior a la actual."),
    "extended_already": _l("El plazo ya se amplió una vez. No puede ampliarse de nuevo."),
    "not_awaiting": _l("Solo se amplía el plazo mientras se espera la respuesta."),
}
COMMITMENTS: dict[str, Any] = {
    "end_before_start": _l("El término es anterior al inicio."),
    "milestone_end_before_start": _l("El hito «%(activity)s» termina antes de empezar."),
    "activity_missing": _l("Escriba la actividad del hito o vacíe la fila."),
    "name_missing": _l("Escriba el nombre del indicador o vacíe la fila."),
    "negative_amount": _l("El presupuesto no puede ser negativo."),
    "amount_too_large": _l("El presupuesto es demasiado grande. Revise la cantidad."),
    "previous_missing": _l("Diga de qué plan y compromiso viene."),
    "unknown_choice": _l("Elija una opción de la lista."),
    "technology_alone": _l("Tecnología e innovación acompaña a otro valor. Elija al menos uno más."),
    "too_many_rows": _l("Puede haber hasta %(max)s filas."),
    "not_a_public_body": _l("La institución responsable debe ser pública."),
    "institution_of_another_time": _l("Esa institución no existe durante el plan. Elija otra."),
    "proposal_not_linkable": _l("No se puede vincular %(folio)s: no está en proceso en este plan."),
    "not_smart": _l("La ficha aún no cumple las cinco letras SMART."),
    "observation_missing": _l("Escriba qué debe cambiar."),
    "figure_unknown": _l("Elija una cifra de la lista."),
    "figure_taken": _l("Ya se agregó una cifra publicada para este dato."),
    "value_unreadable": _l("Escriba un número entero, sin decimales. Déjelo vacío si la fuente no da cifra."),
    "not_confirmed": _l("Marque la casilla para confirmar."),
    "only_commitment": _l("Una propuesta incorporada quedaría sin compromiso."),
}
PEOPLE: dict[str, Any] = {
    "credentials_wrong": _l("El correo o la contraseña no coinciden. Revise los dos e inténtelo de nuevo."),
    "public_name_missing": _l("Escriba el nombre que verán las demás personas."),
    "public_name_too_long": _l("El nombre puede tener hasta %(max)s caracteres."),
    "public_name_reserved": _l("Ese nombre es el de quien pidió borrar sus datos. Elija otro."),
    "email_wrong": _l("Escriba un correo electrónico completo, como nombre@ejemplo.com."),
    "password_too_short": _l("La contraseña debe tener al menos %(min)s caracteres."),
    "password_too_long": _l("La contraseña es demasiado larga. Use una más corta."),
    "code_wrong": _l("El código no coincide o ya no sirve. Revíselo o pida otro."),
    "factor_code_wrong": _l("El código no coincide o ya se usó. Espere el siguiente y escríbalo."),
    "second_factor_there": _l("Su cuenta ya tiene el segundo paso activo."),
    "second_factor_missing": _l("Su cuenta no tiene el segundo paso activo."),
    "second_factor_needed": _l("Su cuenta necesita un segundo paso. Agregue antes otra llave o una aplicación."),
    "passkey_wrong": _l("Esa llave de acceso no abre ninguna cuenta de este sitio."),
    "passkey_late": _l("La llave tardó demasiado. Inténtelo de nuevo."),
    "passkey_unnamed": _l("Dé un nombre a la llave, como «Mi teléfono»."),
    "passkey_there": _l("Esa llave ya está en una cuenta."),
    "too_many_passkeys": _l("Una cuenta puede tener hasta %(max)s llaves de acceso."),
    "email_same": _l("Ese ya es el correo de su cuenta."),
    "password_common": _l("Esa contraseña es muy común. Elija otra, como una frase de varias palabras."),
    "password_wrong": _l("Esta no es su contraseña actual."),
    "sign_up_password_wrong": _l("Esta no es la contraseña que se eligió al crear la cuenta."),
    "consent_missing": _l("Para crear la cuenta debe aceptar el uso de sus datos."),
    "guest_consent_missing": _l("Para enviarlo debe aceptar el uso de sus datos."),
    "account_needed": _l("En este plan hace falta una cuenta para escribir. Entre o cree una y envíelo con ella."),
    "guest_link_gone": _l("Este texto ya no espera su confirmación. Escríbalo de nuevo."),
    "tracking_wrong": _l("El folio y el código no coinciden. Revise los dos."),
    "demographics_empty": _l("Elija al menos un dato, o deje la página sin guardar."),
    "demographics_consent": _l("Para guardar estos datos debe aceptar su uso."),
    "identity_taken": _l("Esa cuenta ya se usa para entrar. Empiece de nuevo desde la página para entrar."),
    "link_used": _l("Este enlace ya se usó. Entre con su contraseña."),
    "erasure_not_sure": _l("Marque que entiende que no se puede deshacer."),
    "erasure_began": _l("Ya pasaron las 24 horas y empezamos a borrar sus datos. Ya no se puede deshacer."),
    "representation_asked": _l("Usted ya tiene una solicitud en revisión o representa a una organización."),
    "organization_unknown": _l("Elija una organización de la lista."),
    "organization_needs_account": _l("Para escribir en nombre de una organización hace falta una cuenta."),
    "organization_kind_missing": _l("Elija el tipo de organización."),
    "organization_not_yours": _l("Usted ya no representa a esa organización. Si lo envía, saldrá en su nombre."),
    "organization_no_longer_yours": _l(
        "Usted ya no representa a la organización en cuyo nombre lo escribió. Ya no puede cambiarlo; sí retirarlo."
    ),
    "liaison_without_institution": _l("Un enlace institucional necesita una institución."),
    "representation_is_revoked": _l("La representación de una organización se revoca con un motivo."),
    "representation_not_given": _l("Quien representa a una organización lo pide desde su cuenta."),
    "liaison_of_private_body": _l("Un enlace institucional debe ser de una institución pública."),
    "role_held_already": _l("Esta persona ya tiene ese rol."),
    "decides_and_approves": _l("Quien decide propuestas no puede aprobar el plan. Elija otra persona."),
    "one_role_per_institution": _l("Una persona tiene un solo rol en cada institución. Quite primero el que tiene."),
    "last_admin": _l("Es la única cuenta de administración. Dé ese rol a otra persona primero."),
    "own_account": _l("No puede hacer esto con su propia cuenta."),
    "email_taken": _l("Ese correo ya tiene una cuenta. Busque a la persona y dele el rol."),
    "invitation_accepted": _l("Esta persona ya aceptó la invitación, o su cuenta está desactivada."),
    "institution_missing": _l("Elija una institución de la lista."),
    "institution_code_shape": _l("Use hasta %(max)s letras, números y guiones, como MINSAL."),
    "institution_code_taken": _l("Ya existe una institución con esas siglas."),
    "name_too_long": _l("El nombre puede tener hasta %(max)s caracteres."),
    "validity_reversed": _l("La fecha final no puede ser anterior a la inicial."),
    "successor_without_end": _l("Diga hasta cuándo existió la institución que fue sustituida."),
    "successor_is_itself": _l("Una institución no puede sustituirse a sí misma."),
    "holiday_taken": _l("Ese día ya está en la lista."),
}
COMMON: dict[str, Any] = {
    "reason_missing": _l("Escriba el motivo."),
    "missing": _l("Falta este dato."),
}
SENTENCES: dict[str, Any] = {
    **COMMON,
    **PEOPLE,
    **CONTRIBUTIONS,
    **MODERATION,
    **PROPOSALS,
    **PLANS,
    **RESPONSES,
    **DISPATCHES,
    **COMMITMENTS,
}


def problem_sentence(problem: Problem) -> str:
    """The sentence beside a field."""
    return str(SENTENCES[problem.code]) % _as_read(problem.facts)


def _as_read(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Numbers as people read them: «5,000»."""
    return {name: number(fact) if isinstance(fact, int) else fact for name, fact in facts.items()}


def refusal_sentence(refusal: Refusal) -> str:
    """The sentence for what cannot be done now."""
    match refusal:
        case GuardRefused():
            return str(SENTENCES[refusal.code]) % dict(refusal.facts)
        case StaleVersion(subject=Draft()):
            return gettext("No se guardó lo de esta página. Compare: si guarda otra vez, queda este texto.")
        case StaleVersion():
            return gettext("Alguien modificó este registro mientras usted escribía. Compare y envíe de nuevo.")
        case WindowClosed():
            return gettext("El plazo para participar ya cerró. Su texto no se envió; guárdelo si lo necesita.")
        case KeyReused():
            return gettext("Este formulario ya se envió con otro texto. Su nuevo texto sigue aquí, sin enviar.")
        case TooMany():
            return gettext(
                "Hubo varios envíos seguidos. Inténtelo de nuevo dentro de %(wait)s.", wait=wait(refusal.again_at)
            )
        case NotInThisState():
            state = label(refusal.subject.state)
            return gettext("Este paso no es posible ahora. Estado actual: %(state)s.", state=state)
        case NotNow():
            return gettext("El plan ya no admite este paso en su estado actual.")
        case _:
            return gettext("No se pudo completar lo que pidió. No se cambió nada.")


def wait(until: datetime) -> str:
    """How long it is until a moment, as people say it: «40 segundos», «12 minutos»."""
    seconds = clock.seconds_until(until)
    if seconds <= LONGEST_IN_SECONDS:
        return ngettext("%(num)s segundo", "%(num)s segundos", seconds)
    return ngettext("%(num)s minuto", "%(num)s minutos", math.ceil(seconds / 60))
