"""Files that people upload: what is taken, checked by content and not by name, and the row that keeps it."""

import hashlib
import io
import re
import zipfile
from dataclasses import dataclass
from datetime import date
from pathlib import PurePosixPath

from consulta.changes import Change
from consulta.errors import Problem
from consulta.plans.models import DOCUMENT_MAX_BYTES, DOCUMENT_TYPES, Document, DocumentKind, Plan
from consulta.text import clean_line

FILE_NAME_MAX = 120
MEBIBYTE = 1024 * 1024
# What each office format must hold inside its container.
_OFFICE_PARTS = {"docx": "word/document.xml", "xlsx": "xl/workbook.xml"}
_OPEN_FORMATS = ("odt", "ods")
_MARKUP = re.compile(rb"\s*<\s*(!doctype|html|head|body|script|svg|\?xml|iframe|meta)", re.IGNORECASE)


@dataclass(frozen=True)
class UploadedFile:
    """A file as it arrived: the name that the browser gave, and its bytes."""

    name: str
    content: bytes

    @property
    def safe_name(self) -> str:
        """The last part of the name, with letters, digits and a few signs only."""
        last = PurePosixPath(self.name.replace("\\", "/")).name
        tidy = re.sub(r"[^\w.\- ]+", "-", clean_line(last)).strip(". -")
        stem, dot, extension = tidy.rpartition(".")
        return f"{stem[: FILE_NAME_MAX - len(extension) - 1]}{dot}{extension}" if stem else tidy[:FILE_NAME_MAX]

    @property
    def extension(self) -> str:
        stem, _, extension = self.safe_name.rpartition(".")
        return extension.lower() if stem else ""


def check_file(upload: UploadedFile, *, field: str) -> list[Problem]:
    """What is wrong with a file: its kind, its size, or a content that is not what its name says."""
    if not upload.name:
        return [Problem(field, "file_missing")]
    if upload.extension not in DOCUMENT_TYPES:
        return [Problem(field, "file_kind", {"kinds": ", ".join(DOCUMENT_TYPES)})]
    if not upload.content:
        return [Problem(field, "file_empty")]
    if len(upload.content) > DOCUMENT_MAX_BYTES:
        return [Problem(field, "file_too_large", {"max": DOCUMENT_MAX_BYTES // MEBIBYTE})]
    return [] if is_what_it_says(upload) else [Problem(field, "file_mismatch", {"kind": upload.extension})]


def is_what_it_says(upload: UploadedFile) -> bool:
    """Whether the bytes are of the kind that the extension names."""
    if upload.extension == "pdf":
        return upload.content.startswith(b"%PDF-")
    if upload.extension in ("csv", "txt"):
        return _is_plain_text(upload.content)
    return upload.content.startswith(b"PK\x03\x04") and _is_office_file(upload)


def _is_plain_text(content: bytes) -> bool:
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return b"\0" not in content and not _MARKUP.match(content.removeprefix(b"\xef\xbb\xbf"))


def _is_office_file(upload: UploadedFile) -> bool:
    """Only the list of parts is read, and one short part: nothing large is ever unpacked. Macros are refused."""
    try:
        with zipfile.ZipFile(io.BytesIO(upload.content)) as container:
            names = set(container.namelist())
            if any(PurePosixPath(name).name.lower() == "vbaproject.bin" for name in names):
                return False
            if upload.extension not in _OPEN_FORMATS:
                return _OFFICE_PARTS[upload.extension] in names
            if "mimetype" not in names or container.getinfo("mimetype").file_size > 200:
                return False
            return container.read("mimetype").decode("ascii", "replace").strip() == DOCUMENT_TYPES[upload.extension]
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError):
        return False


def store_document(
    change: Change,
    plan: Plan,
    upload: UploadedFile,
    *,
    title: str,
    kind: DocumentKind,
    issued_on: date,
    edition: str,
    external_ref: str | None = None,
) -> Document:
    """Keep a checked file in the plan's repository, inside a change."""
    document = Document(
        plan_id=plan.id,
        title=title,
        kind=kind,
        issued_on=issued_on,
        edition=edition,
        file_name=upload.safe_name,
        media_type=DOCUMENT_TYPES[upload.extension],
        size=len(upload.content),
        sha256=hashlib.sha256(upload.content).hexdigest(),
        content=upload.content,
        added_at=change.now,
        external_ref=external_ref,
    )
    change.create(document, "document.add", title=title, sha256=document.sha256)
    return document
