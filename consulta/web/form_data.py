"""What forms send, read as text: bytes that are none leave a sign in their place, which the rules of texts then name.

Werkzeug would leave them as they were quoted («%FF»), or drop the whole form.
"""

from typing import IO, Any
from urllib.parse import parse_qsl

from flask import Request
from werkzeug.formparser import FormDataParser


class TextParser(FormDataParser):
    def _parse_urlencoded(
        self, stream: IO[bytes], mimetype: str, content_length: int | None, options: dict[str, str]
    ) -> Any:
        sent = stream.read().decode(errors="replace")
        return stream, self.cls(parse_qsl(sent, keep_blank_values=True, errors="replace")), self.cls()


class SiteRequest(Request):
    form_data_parser_class = TextParser
