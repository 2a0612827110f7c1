"""Jobs: /api/v1/jobs."""

import asyncio
from typing import Annotated

import msgspec
from litestar import Controller, Response, get, post
from litestar.params import FromPath
from msgspec import Meta

from matinee.apps.api.desk import (
    ApiRequest,
    conditional,
    desk_of,
    json_response,
    page_headers,
)
from matinee.apps.api.operations import Answer, Operation, read_query
from matinee.apps.api.schema import Job, JobPage, ListedJob
from matinee.apps.api.titles import Cursor, Limit, cancel, retry
from matinee.errors import ConflictError
from matinee.model.title import JobState

_ETAG = {"ETag": "Changes when the answer does; send it back as If-None-Match."}
_NEXT = {"Link": "The next page, `rel=next` (RFC 8288); absent on the last."}


class JobQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Which jobs to list."""

    title_id: Annotated[str, Meta(max_length=64, description="Jobs of this title only.")] | None = (
        None
    )
    state: JobState | None = None
    cursor: Cursor | None = None
    limit: Limit = 50


def listed(job: Job, title_name: str) -> ListedJob:
    """Return *job* as lists show it."""
    return ListedJob(title_name=title_name, **msgspec.structs.asdict(job))


class Jobs(Controller):
    """The runs of the publish workflow."""

    path = "/jobs"

    @get(
        "/",
        operation=Operation(
            id="listJobs",
            tag="Jobs",
            summary="List jobs",
            query=JobQuery,
            answers={200: Answer(description="A page of jobs.", body=JobPage, headers=_NEXT)},
            problems={422: "The cursor does not belong to this listing."},
        ),
    )
    async def page(self, request: ApiRequest) -> Response[bytes]:
        """List jobs, newest first, with the names of their titles."""
        desk, query = desk_of(request), read_query(request, JobQuery)

        def work() -> JobPage:
            catalog = desk.services.catalog
            page = catalog.jobs.page(query.title_id, query.state, query.cursor, query.limit)
            names = catalog.titles.names({job.title_id for job in page.items})
            items = [listed(job, names.get(job.title_id, "")) for job in page.items]
            return JobPage(items=items, next_cursor=page.next_cursor)

        body = await asyncio.to_thread(work)
        return json_response(body, headers=page_headers(request, body.next_cursor))

    @get(
        "/{job_id:str}",
        operation=Operation(
            id="getJob",
            tag="Jobs",
            summary="Get a job",
            answers={
                200: Answer(description="The job.", body=Job, headers=_ETAG),
                304: Answer(description="It is what If-None-Match names.", headers=_ETAG),
            },
        ),
    )
    async def one(self, request: ApiRequest, job_id: FromPath[str]) -> Response[bytes]:
        """Return one job with its stages, their progress and problems."""
        jobs = desk_of(request).services.catalog.jobs
        return conditional(request, await asyncio.to_thread(jobs.get, job_id))

    @post(
        "/{job_id:str}/retry",
        status_code=200,
        operation=Operation(
            id="retryJob",
            tag="Jobs",
            summary="Run a job again",
            answers={200: Answer(description="The new job, queued.", body=Job)},
            problems={409: "The job is not its title's newest, or has not ended."},
        ),
    )
    async def retry(self, request: ApiRequest, job_id: FromPath[str]) -> Response[bytes]:
        """Queue another attempt at the job's title, as a new job."""
        desk = desk_of(request)

        def work() -> Job:
            job = desk.services.catalog.jobs.get(job_id)
            newest = desk.services.catalog.jobs.newest(job.title_id)
            if newest is not None and newest.id != job_id:
                raise ConflictError(
                    f"The job was followed by {newest.id}.",
                    fix="Retry the title's newest job.",
                    code="job-superseded",
                )
            return retry(desk, job.title_id)

        return json_response(await asyncio.to_thread(work))

    @post(
        "/{job_id:str}/cancel",
        status_code=200,
        operation=Operation(
            id="cancelJob",
            tag="Jobs",
            summary="Stop a job",
            answers={200: Answer(description="The job that is to stop.", body=Job)},
            problems={409: "The job has ended."},
        ),
    )
    async def cancel(self, request: ApiRequest, job_id: FromPath[str]) -> Response[bytes]:
        """Stop a job: at once if it is queued, else within seconds."""
        return json_response(await asyncio.to_thread(cancel, desk_of(request), job_id))
