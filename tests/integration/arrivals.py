"""A film's arrival without a platform around it: a store, a source, and a witness for the air."""

from pathlib import Path

import msgspec

from matinee.ingest.fetch import FetchLimits
from matinee.model.presentation import Presentation
from matinee.model.progress import Control, Progress
from matinee.model.title import Source
from matinee.storage.local import LocalStore
from matinee.toolchain.tools import Toolchain
from matinee.workflows.arrival import arrive
from matinee.workflows.inline import InlineRunner
from matinee.workflows.publish import PublishJob, Studio

FOLDER = "titles/film/v1"


class Arrival:
    """Brings *source* into the store at *root* and sees what goes on the air."""

    def __init__(self, root: Path, source: Path, *, ladder: str = "standard") -> None:
        self.store = Watched(root)
        self.shown: list[Presentation] = []
        self.withdrawn = 0
        self.reports: list[Progress] = []
        self.cancelled = False
        key = f"titles/film/source/{source.name}"
        self.store.put(key, source.read_bytes())
        self.job = PublishJob(
            title_id="film", version=1, name="Film", ladder=ladder, folder=FOLDER,
            work="work/film", source=Source(filename=source.name, key=key),
        )  # fmt: skip
        self.studio = Studio(
            store=self.store,
            toolchain=Toolchain.find(),
            scratch=root.with_name(f"{root.name}-scratch"),
            fetch_limits=FetchLimits(),
        )

    def go_live(self, presentation: Presentation) -> None:
        self.shown.append(presentation)

    def withdraw(self) -> None:
        self.withdrawn += 1

    def run(self) -> None:
        control = Control(report=self.reports.append, cancelled=lambda: self.cancelled)
        arrive(self.job, self.studio, InlineRunner(control), self)

    def media(self) -> dict[str, bytes]:
        """Every header and segment of the version."""
        found = (one.key for one in self.store.list(FOLDER))
        return {key: self.store.get(key) for key in found if key.endswith((".mp4", ".m4s"))}


class Watched(LocalStore):
    """Keeps every growing presentation that players could see, in order."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.told: list[Presentation] = []
        self.stored: list[str] = []

    def put(self, key: str, source: Path | bytes) -> None:
        self.stored.append(key)
        if key == f"{FOLDER}/presentation.json" and isinstance(source, bytes):
            self.told.append(msgspec.json.decode(source, type=Presentation))
        super().put(key, source)
