"""What becomes of each table that belongs to people when somebody asks for a copy: the file where it is, or why not.

Every table that points to a person, an account or a contribution is named here; a test knows when one is missing.
"""

from collections.abc import Mapping

COPIED: Mapping[str, str] = {
    "account": "cuenta.json",
    "audit_entry": "registro.json",
    "authenticator": "entradas.json",
    "contribution": "aportes.json",
    "demographics": "estadistica.json",
    "draft": "borradores.json",
    "email_change": "cuenta.json",
    "erasure": "cuenta.json",
    "event": "avisos.json",
    "follow": "seguimientos.json",
    "identity": "entradas.json",
    "login_session": "sesiones.json",
    "membership": "cuenta.json",
    "notice": "avisos.json",
    "passkey": "entradas.json",
    "pending_edit": "aportes.json",
    "person": "cuenta.json",
    "proposal_source": "aportes.json",
    "recovery_code": "entradas.json",
    "report": "denuncias.json",
    "representation": "cuenta.json",
    "revision": "aportes.json",
    "submission": "entregas.json",
    "support": "apoyos.json",
    "tracking_code": "aportes.json",
}
LEFT_OUT: Mapping[str, str] = {
    "claim": "Which text a moderator is reading at the moment; it is gone within minutes.",
    "decision": "An official act of the consultation; who did it finds it in the log of the own acts.",
    "dispatch": "An official letter to an institution; who sent it finds it in the log of the own acts.",
    "guest_submission": "Belongs to nobody until the address is proven, and is dropped soon.",
    "moderation_act": "An official act on what others wrote; who did it finds it in the log of the own acts.",
    "receipt": "A random key and a digest of a form whose content is in the copy already.",
    "response": "An institution's official answer; who wrote it finds it in the log of the own acts.",
    "sign_in_code": "The seed of a code that opens the account for ten minutes.",
    "staff_note": "What the team writes among itself about what others wrote.",
}
