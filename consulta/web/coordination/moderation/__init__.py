"""Moderation: the trays, one contribution with its acts, acts on several, claims, notes, stored texts, and the log."""

from consulta.web.coordination.moderation import batches, claims, listing, log, notes, reading, texts, undoing

AREAS = (claims, notes, undoing, batches, texts, log)
blueprint = reading.blueprint
blueprint.add_url_rule("", view_func=listing.index)
for area in AREAS:
    blueprint.register_blueprint(area.blueprint)
