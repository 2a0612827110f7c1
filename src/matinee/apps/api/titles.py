"""Titles: /api/v1/titles and what is below it."""

import asyncio
import re
from typing import Annotated

import msgspec
from litestar import Controller, Response, delete, get, patch, post
from litestar.params import FromPath
from msgspec import Meta

from matinee.apps.api import bodies
from matinee.apps.api.desk import (
    JSON,
    ApiRequest,
    Desk,
    base_of,
    conditional,
    desk_of,
    json_response,
    page_headers,
)
from matinee.apps.api.operations import Answer, Operation, read_query
from matinee.apps.api.schema import (
    CreateTitle,
    Job,
    LadderReport,
    Report,
    TitleBody,
    TitlePage,
    UpdateTitle,
)
from matinee.apps.api.security import principal
from matinee.apps.api.sources import create_title, idempotency
from matinee.errors import ConflictError, NotFoundError
from matinee.model.media import MediaInfo
from matinee.model.title import Title, TitleState

Limit = Annotated[int, Meta(ge=1, le=200, description="Items of a page.")]
Cursor = Annotated[
    str, Meta(max_length=512, description="`next_cursor` of the page before this one.")
]
Words = Annotated[str, Meta(max_length=200, description="Words to search for.")]

SVG = "image/svg+xml"
_ALONE = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'"}
"""A picture that is opened as a page of its own may do nothing but look."""
_NO_LADDER = "There is no such title, or its ladder was not chosen for it (yet)."

_VERSION = re.compile(r"titles/[^/]+/v([0-9]{1,9})/")
_ONE = {200: Answer(description="The title.", body=TitleBody)}
_ETAG = {"ETag": "Changes when the answer does; send it back as If-None-Match."}
_NEXT = {"Link": "The next page, `rel=next` (RFC 8288); absent on the last."}
_KEY = {
    "Idempotency-Key": {
        "description": "The same key makes the same title once, however often it is sent; "
        "kept for 7 days.",
        "schema": {"type": "string", "pattern": "^[!-~]{1,255}$", "maxLength": 255},
        "example": "7f1c9c1e-6f0e-4d7e-9a3e-2f4c0b8f7a11",
    }
}


class TitleQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Which titles to list."""

    q: Words | None = None
    state: TitleState | None = None
    cursor: Cursor | None = None
    limit: Limit = 50


def title_body(desk: Desk, title: Title, base: str) -> TitleBody:
    """Return *title* with its links and its newest job; blocks."""
    job = desk.services.catalog.jobs.newest(title.id)
    return TitleBody(title=title, links=desk.links.of(title, base), job=job)


class Titles(Controller):
    """The films of the catalogue, as those see them who publish."""

    path = "/titles"

    @post(
        "/",
        status_code=201,
        operation=Operation(
            id="createTitle",
            tag="Titles",
            summary="Publish a film",
            body=CreateTitle,
            request_headers=_KEY,
            answers={
                201: Answer(
                    description="The title, its job queued.",
                    body=TitleBody,
                    headers={"Location": "Where the title is."},
                )
            },
            problems={
                404: "There is no such upload.",
                409: "An upload is not complete, has expired or belongs to another title; or the "
                "Idempotency-Key was used for another request, or its title is deleted.",
                422: "The body fits the schema, but cannot be used: no source or two, an unknown "
                "ladder, a malformed language tag.",
            },
        ),
    )
    async def create(self, request: ApiRequest) -> Response[bytes]:
        """Make a title of a file that was uploaded to `/api/v1/uploads`, or of a URL to pull.

        Exactly one of `upload_id` and `url` must be given. The job that publishes it is queued;
        follow it at `/api/v1/events`. Send an `Idempotency-Key` and repeat the request at will.
        """
        desk = desk_of(request)
        wanted = await bodies.read(request, CreateTitle)
        key = idempotency(request.headers.get("idempotency-key"), principal(request).id, wanted)
        base = base_of(request)

        def work() -> TitleBody:
            created = create_title(desk.services, desk.files, wanted, key)
            links = desk.links.of(created.title, base)
            return TitleBody(title=created.title, links=links, job=created.job)

        body = await asyncio.to_thread(work)
        location = {"Location": f"/api/v1/titles/{body.title.id}"}
        return json_response(body, status=201, headers=location)

    @get(
        "/",
        operation=Operation(
            id="listTitles",
            tag="Titles",
            summary="List titles",
            query=TitleQuery,
            answers={200: Answer(description="A page of titles.", body=TitlePage, headers=_NEXT)},
            problems={422: "The cursor does not belong to this listing."},
        ),
    )
    async def page(self, request: ApiRequest) -> Response[bytes]:
        """List titles in any state, newest first; `q` narrows to those with all its words."""
        desk, query, base = desk_of(request), read_query(request, TitleQuery), base_of(request)

        def work() -> TitlePage:
            page = desk.services.catalog.titles.page(
                query.q, query.state, query.cursor, query.limit
            )
            items = [title_body(desk, title, base) for title in page.items]
            return TitlePage(items=items, next_cursor=page.next_cursor)

        body = await asyncio.to_thread(work)
        return json_response(body, headers=page_headers(request, body.next_cursor))

    @get(
        "/{title_id:str}",
        operation=Operation(
            id="getTitle",
            tag="Titles",
            summary="Get a title",
            answers={
                200: Answer(description="The title.", body=TitleBody, headers=_ETAG),
                304: Answer(description="It is what If-None-Match names.", headers=_ETAG),
            },
        ),
    )
    async def one(self, request: ApiRequest, title_id: FromPath[str]) -> Response[bytes]:
        """Return one title with its links and its newest job."""
        return conditional(request, await self._body(request, title_id))

    @patch(
        "/{title_id:str}",
        operation=Operation(
            id="updateTitle",
            tag="Titles",
            summary="Rename or describe a title",
            body=UpdateTitle,
            answers=_ONE,
            problems={422: "The name is empty, or a text cannot be stored."},
        ),
    )
    async def update(self, request: ApiRequest, title_id: FromPath[str]) -> Response[bytes]:
        """Replace the fields given; those left out or null stay."""
        wanted = await bodies.read(request, UpdateTitle)
        titles = desk_of(request).services.catalog.titles
        await asyncio.to_thread(titles.update, title_id, wanted.name, wanted.synopsis)
        return json_response(await self._body(request, title_id))

    @delete(
        "/{title_id:str}",
        status_code=204,
        operation=Operation(
            id="deleteTitle",
            tag="Titles",
            summary="Delete a title",
            answers={204: Answer(description="It is gone.")},
        ),
    )
    async def remove(self, request: ApiRequest, title_id: FromPath[str]) -> None:
        """Stop the title's job, and delete the title and all its media."""
        await asyncio.to_thread(_delete, desk_of(request), title_id)

    @post(
        "/{title_id:str}/unpublish",
        status_code=200,
        operation=Operation(
            id="unpublishTitle",
            tag="Titles",
            summary="Take a title off the air",
            answers=_ONE,
            problems={409: "The title is not live."},
        ),
    )
    async def unpublish(self, request: ApiRequest, title_id: FromPath[str]) -> Response[bytes]:
        """Let players no longer find the title; its media stay."""
        await asyncio.to_thread(desk_of(request).services.catalog.titles.unpublish, title_id)
        return json_response(await self._body(request, title_id))

    @post(
        "/{title_id:str}/publish",
        status_code=200,
        operation=Operation(
            id="publishTitle",
            tag="Titles",
            summary="Put a title back on the air",
            answers=_ONE,
            problems={409: "The title never was live."},
        ),
    )
    async def publish(self, request: ApiRequest, title_id: FromPath[str]) -> Response[bytes]:
        """Put the last version that was live back on the air."""
        await asyncio.to_thread(desk_of(request).services.catalog.titles.publish_again, title_id)
        return json_response(await self._body(request, title_id))

    @post(
        "/{title_id:str}/retry",
        status_code=200,
        operation=Operation(
            id="retryTitle",
            tag="Titles",
            summary="Publish again",
            answers={200: Answer(description="The new job, queued.", body=Job)},
            problems={409: "A job of this title is queued or running."},
        ),
    )
    async def retry(self, request: ApiRequest, title_id: FromPath[str]) -> Response[bytes]:
        """Queue another attempt; it goes on from the stages that are done."""
        return json_response(await asyncio.to_thread(retry, desk_of(request), title_id))

    @post(
        "/{title_id:str}/cancel",
        status_code=200,
        operation=Operation(
            id="cancelTitle",
            tag="Titles",
            summary="Stop a title's job",
            answers={200: Answer(description="The job that is to stop.", body=Job)},
            problems={409: "The title's newest job has ended."},
        ),
    )
    async def cancel(self, request: ApiRequest, title_id: FromPath[str]) -> Response[bytes]:
        """Stop the title's newest job: at once if it is queued, else within seconds."""
        desk = desk_of(request)

        def work() -> Job:
            desk.services.catalog.titles.get(title_id)
            job = desk.services.catalog.jobs.newest(title_id)
            if job is None:
                raise ConflictError("The title has no job.", code="job-ended")
            return cancel(desk, job.id)

        return json_response(await asyncio.to_thread(work))

    @get(
        "/{title_id:str}/report",
        operation=Operation(
            id="getReport",
            tag="Titles",
            summary="Get the verify report",
            answers={200: Answer(description="What the checks found.", body=Report)},
        ),
    )
    async def report(self, request: ApiRequest, title_id: FromPath[str]) -> Response[bytes]:
        """Return the newest version's verify report, whether it passed or failed."""
        return await self._file(request, title_id, "report.json")

    @get(
        "/{title_id:str}/media-info",
        operation=Operation(
            id="getMediaInfo",
            tag="Titles",
            summary="Get the source's media info",
            answers={200: Answer(description="What the probe says.", body=MediaInfo)},
        ),
    )
    async def media_info(self, request: ApiRequest, title_id: FromPath[str]) -> Response[bytes]:
        """Return what the probe of the newest attempt says of the source file."""
        return await self._file(request, title_id, "media-info.json")

    @get(
        "/{title_id:str}/ladder",
        operation=Operation(
            id="getLadder",
            tag="Titles",
            summary="Get the title's own ladder",
            answers={200: Answer(description="The search and what it chose.", body=LadderReport)},
            problems={404: _NO_LADDER},
        ),
    )
    async def ladder(self, request: ApiRequest, title_id: FromPath[str]) -> Response[bytes]:
        """Return why the title's ladder is what it is: every point measured, and the rungs chosen.

        Fields may be added; `format` rises when one changes its meaning.
        """
        return await self._file(request, title_id, "ladder.json")

    @get(
        "/{title_id:str}/ladder.svg",
        operation=Operation(
            id="getLadderPicture",
            tag="Titles",
            summary="Get a picture of the title's own ladder",
            answers={200: Answer(description="A plot.", media_type=SVG)},
            problems={404: _NO_LADDER},
        ),
    )
    async def ladder_picture(self, request: ApiRequest, title_id: FromPath[str]) -> Response[bytes]:
        """Return the same as a plot of VMAF over bit rate: SVG, without scripts."""
        return await self._file(request, title_id, "ladder.svg", SVG)

    async def _body(self, request: ApiRequest, title_id: str) -> TitleBody:
        desk, base = desk_of(request), base_of(request)
        titles = desk.services.catalog.titles
        return await asyncio.to_thread(lambda: title_body(desk, titles.get(title_id), base))

    async def _file(
        self, request: ApiRequest, title_id: str, name: str, kind: str = JSON
    ) -> Response[bytes]:
        content = await asyncio.to_thread(_newest_file, desk_of(request), title_id, name)
        headers = {"Cache-Control": "no-store"} | (_ALONE if kind == SVG else {})
        return Response(content, media_type=kind, headers=headers)


def _newest_file(desk: Desk, title_id: str, name: str) -> bytes:
    """Return the file *name* of the highest version that has one."""
    title = desk.services.catalog.titles.get(title_id)
    store = desk.services.store
    found: dict[int, str] = {}
    for one in store.list(f"titles/{title.id}"):
        version = _VERSION.match(one.key)
        if version is not None and one.key[version.end() :] == name:
            found[int(version[1])] = one.key
    if not found and name.startswith("ladder."):
        raise NotFoundError(
            "This title has no ladder that was chosen for it.",
            fix="Publish a film with the ladder `auto`; the search comes before its encode.",
            code="no-own-ladder",
        )
    if not found:
        raise NotFoundError(
            f"This title has no {name.removesuffix('.json')} yet.",
            fix="Wait until its job has come so far.",
            code="not-ready",
        )
    return store.get(found[max(found)])


def _delete(desk: Desk, title_id: FromPath[str]) -> None:
    """Delete rows before objects: a crash in between leaves litter, never a title without media.

    Stages of a running job ask whether to stop, and take a deleted job for a yes.
    """
    services = desk.services
    services.catalog.titles.delete(title_id)
    services.store.delete(f"titles/{title_id}")


def retry(desk: Desk, title_id: str) -> Job:
    """Queue another attempt at a title; blocks."""
    return desk.services.catalog.jobs.create_retry(title_id)


def cancel(desk: Desk, job_id: str) -> Job:
    """Ask a job to stop; blocks."""
    return desk.services.catalog.jobs.request_cancel(job_id)
