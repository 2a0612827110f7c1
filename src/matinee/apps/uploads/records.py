"""What the catalogue is told of an upload's file."""

from datetime import datetime

from matinee.catalog.uploads import Upload, Uploads
from matinee.errors import ConflictError


def record(uploads: Uploads, upload: Upload, offset: int, expires: datetime) -> Upload:
    """Note that *offset* bytes are on the disk, and that the upload is whole if they are all."""
    try:
        upload = uploads.advance(upload.id, offset, expires)
        return uploads.complete(upload.id) if offset == upload.length else upload
    except ConflictError as error:
        if error.code != "upload-complete":
            raise
        return uploads.get(upload.id)


def settle(uploads: Uploads, upload: Upload, offset: int | None, expires: datetime) -> Upload:
    """Return *upload* as its file has it.

    A crash between the last byte and the word of it leaves the catalogue behind.
    """
    if upload.state == "open" and offset is not None and offset == upload.length:
        return record(uploads, upload, offset, expires)
    return upload
