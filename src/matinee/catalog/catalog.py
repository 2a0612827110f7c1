"""The door of the catalogue."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Engine

from matinee.catalog.deliveries import Deliveries
from matinee.catalog.events import Events
from matinee.catalog.jobs import Jobs
from matinee.catalog.pieces import Pieces
from matinee.catalog.records import Records
from matinee.catalog.titles import Titles
from matinee.catalog.uploads import Uploads
from matinee.catalog.webhooks import Webhooks
from matinee.catalog.workers import Workers


class Catalog:
    """Titles, jobs, pieces of encodes, workers, events, uploads and webhooks in one database.

    Methods block; they may be called from any thread, and from several processes at once. Any of
    them may raise UpstreamError when the database fails.
    """

    def __init__(
        self, engine: Engine, clock: Callable[[], datetime], new_id: Callable[[str], str]
    ) -> None:
        """Stand on *engine* (see `database.open_database`), already migrated.

        *new_id* is given the kind of thing and makes a unique id of letters, digits, `-`, `_`:
        see `ids.id_maker`.
        """
        records = Records(engine, clock, new_id)
        self.now = records.now
        self.webhooks = Webhooks(records)
        self.deliveries = Deliveries(records)
        self.events = Events(records, self.deliveries)
        self.titles = Titles(records, self.events)
        self.jobs = Jobs(records, self.events)
        self.uploads = Uploads(records)
        self.pieces = Pieces(records)
        self.workers = Workers(records)
