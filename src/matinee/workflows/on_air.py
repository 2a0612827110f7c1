"""What an arrival does to the catalogue: on the air, and off it."""

import structlog

from matinee.catalog.titles import Titles
from matinee.errors import NotFoundError
from matinee.model.presentation import Presentation
from matinee.workflows.facts import live_facts
from matinee.workflows.publish import PublishJob

log = structlog.get_logger()


class OnAir:
    """An `Air` over the titles of the catalogue."""

    def __init__(self, titles: Titles, job: PublishJob) -> None:
        self._titles = titles
        self._job = job

    def go_live(self, presentation: Presentation) -> None:
        """See `Air.go_live`."""
        self._titles.go_live(self._job.title_id, live_facts(presentation))

    def withdraw(self) -> None:
        """See `Air.withdraw`."""
        try:
            self._titles.withdraw(self._job.title_id, self._job.version)
        except NotFoundError:
            log.info("title.gone", title=self._job.title_id)
