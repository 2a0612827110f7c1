"""Workers: /api/v1/workers."""

import asyncio

from litestar import Controller, Response, get, patch
from litestar.params import FromPath

from matinee.apps.api import bodies
from matinee.apps.api.desk import ApiRequest, desk_of, json_response
from matinee.apps.api.operations import Answer, Operation
from matinee.apps.api.schema import UpdateWorker, WorkerBody, WorkerList
from matinee.catalog.workers import LIFE
from matinee.model.piece import WorkerRecord


class Workers(Controller):
    """The processes that run jobs and encode."""

    path = "/workers"

    @get(
        "/",
        operation=Operation(
            id="listWorkers",
            tag="Workers",
            summary="List workers",
            answers={200: Answer(description="Those seen within a day.", body=WorkerList)},
        ),
    )
    async def all(self, request: ApiRequest) -> Response[bytes]:
        """List the workers, by their ids."""
        catalog = desk_of(request).services.catalog
        found = await asyncio.to_thread(catalog.workers.all)
        now = catalog.now()
        body = WorkerList(
            items=[WorkerBody(worker=one, alive=one.seen_at > now - LIFE) for one in found]
        )
        return json_response(body)

    @patch(
        "/{worker_id:str}",
        operation=Operation(
            id="updateWorker",
            tag="Workers",
            summary="Change how much a worker encodes at a time",
            body=UpdateWorker,
            answers={
                200: Answer(description="The worker; it follows in seconds.", body=WorkerBody)
            },
        ),
    )
    async def update(self, request: ApiRequest, worker_id: FromPath[str]) -> Response[bytes]:
        """Ask a worker for another number of slots, while it runs; null leaves it to itself."""
        wanted = await bodies.read(request, UpdateWorker)
        catalog = desk_of(request).services.catalog
        worker: WorkerRecord = await asyncio.to_thread(
            catalog.workers.want, worker_id, wanted.wanted_slots
        )
        return json_response(WorkerBody(worker=worker, alive=worker.seen_at > catalog.now() - LIFE))
