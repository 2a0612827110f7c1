"""What each process of test_database_sharing.py does: URL, title id and rounds are arguments."""

import sys
from datetime import UTC, datetime

from matinee.catalog.catalog import Catalog
from matinee.catalog.ids import new_id
from matinee.catalog.titles import NewTitle
from matinee.database.engine import open_database
from matinee.model.title import Source

url, title_id, rounds = sys.argv[1:]
catalog = Catalog(open_database(url), lambda: datetime.now(UTC), new_id)
for _ in range(int(rounds)):
    print(catalog.titles.next_version(title_id))  # noqa: T201 # the test reads it
    catalog.events.append("test.round", title_id)
    made = catalog.titles.create(NewTitle(name="Process", source=Source(filename="a")))
    catalog.titles.get(made.title.id)
