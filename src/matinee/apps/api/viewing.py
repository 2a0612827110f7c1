"""What anybody may see: the catalogue of live titles, the ladders, whether we are well."""

import asyncio

import msgspec
from litestar import Controller, Response, get
from litestar.params import FromPath

from matinee.apps.api.desk import (
    ApiRequest,
    base_of,
    conditional,
    desk_of,
    json_response,
    page_headers,
)
from matinee.apps.api.metrics import CONTENT_TYPE
from matinee.apps.api.operations import Answer, Operation, read_query
from matinee.apps.api.schema import (
    CatalogItem,
    CatalogPage,
    Health,
    LadderBody,
    LadderList,
    Links,
)
from matinee.apps.api.security import admin_of, headers_of, is_local
from matinee.apps.api.titles import Cursor, Limit, Words
from matinee.errors import NotFoundError
from matinee.model.title import Title
from matinee.transcode import ladder

_ETAG = {"ETag": "Changes when the answer does; send it back as If-None-Match."}
_NEXT = {"Link": "The next page, `rel=next` (RFC 8288); absent on the last."}


class CatalogQuery(msgspec.Struct, frozen=True, kw_only=True):
    """What to look for in the public catalogue."""

    q: Words | None = None
    cursor: Cursor | None = None
    limit: Limit = 50


def catalog_item(title: Title, version: int, links: Links, *, upcoming: bool) -> CatalogItem:
    """Return what anybody may see of a title whose *version* is live."""
    return CatalogItem(
        id=title.id,
        version=version,
        upcoming=upcoming,
        name=title.name,
        synopsis=title.synopsis,
        duration=title.duration or 0.0,
        width=title.width,
        height=title.height,
        audio_languages=title.audio_languages,
        text_languages=title.text_languages,
        rungs=title.rungs,
        published_at=title.published_at or title.updated_at,
        links=links,
    )


class Catalogue(Controller):
    """Live titles, for viewers."""

    path = "/catalog"

    @get(
        "/",
        operation=Operation(
            id="listCatalog",
            tag="Catalogue",
            summary="List live titles",
            query=CatalogQuery,
            public=True,
            answers={
                200: Answer(description="A page of live titles.", body=CatalogPage, headers=_NEXT)
            },
            problems={422: "The cursor does not belong to this listing."},
        ),
    )
    async def page(self, request: ApiRequest) -> Response[bytes]:
        """List the titles on the air, newest first, or best match first with `q`."""
        desk, query, base = desk_of(request), read_query(request, CatalogQuery), base_of(request)

        def work() -> CatalogPage:
            catalog = desk.services.catalog
            page = catalog.titles.catalog_page(query.q, query.cursor, query.limit)
            busy = catalog.jobs.busy([title.id for title in page.items])
            items = [
                catalog_item(
                    title, title.version, desk.links.of(title, base), upcoming=title.id in busy
                )
                for title in page.items
                if title.version is not None
            ]
            return CatalogPage(items=items, next_cursor=page.next_cursor)

        body = await asyncio.to_thread(work)
        return json_response(body, headers=page_headers(request, body.next_cursor))

    @get(
        "/{title_id:str}",
        operation=Operation(
            id="getCatalogItem",
            tag="Catalogue",
            summary="Get a live title",
            public=True,
            answers={
                200: Answer(description="The title.", body=CatalogItem, headers=_ETAG),
                304: Answer(description="It is what If-None-Match names.", headers=_ETAG),
            },
        ),
    )
    async def one(self, request: ApiRequest, title_id: FromPath[str]) -> Response[bytes]:
        """Return one title that is on the air."""
        desk, base = desk_of(request), base_of(request)

        def work() -> CatalogItem:
            catalog = desk.services.catalog
            busy = catalog.jobs.busy([title_id])  # before the title: the last answer must be final
            title = catalog.titles.get(title_id)
            if title.state != "live" or title.version is None:
                # The same words as for an unknown id: drafts are nobody's business.
                raise NotFoundError(f"There is no title {title_id}.", code="title-not-found")
            links = desk.links.of(title, base)
            return catalog_item(title, title.version, links, upcoming=title_id in busy)

        return conditional(request, await asyncio.to_thread(work))


@get(
    "/ladders",
    operation=Operation(
        id="listLadders",
        tag="Titles",
        summary="List the built-in ladders",
        answers={200: Answer(description="The ladders, the default first.", body=LadderList)},
    ),
)
async def list_ladders(request: ApiRequest) -> Response[bytes]:
    """List the ladders that `createTitle` takes by name, with their TOML to start one's own."""
    read_query(request, NoQuery)
    items = [
        LadderBody(name=one.name, description=one.description, toml=ladder.to_toml(one))
        for one in ladder.built_in().values()
    ]
    return json_response(LadderList(items=items))


class NoQuery(msgspec.Struct, frozen=True, kw_only=True):
    """An operation without query parameters."""


@get(
    "/healthz",
    operation=Operation(
        id="getHealth",
        tag="Operation",
        summary="Ask whether we are well",
        public=True,
        answers={200: Answer(description="We answer, and so does the database.", body=Health)},
    ),
)
async def health(request: ApiRequest) -> Response[bytes]:
    """Tell a supervisor or load balancer that the server and its database answer."""
    services = desk_of(request).services
    await asyncio.to_thread(services.catalog.events.last_id)
    return json_response(Health(status="ok", version=services.version))


@get(
    "/metrics",
    operation=Operation(
        id="getMetrics",
        tag="Operation",
        summary="Get metrics",
        public=True,
        answers={200: Answer(description="Prometheus exposition text.", media_type="text/plain")},
        problems={401: "The asker is neither on this machine nor known by a key."},
    ),
)
async def metrics(request: ApiRequest) -> Response[bytes]:
    """Return the metrics for Prometheus: to this machine freely, to others with a key."""
    desk = desk_of(request)
    if not is_local(request.scope, headers_of(request.scope)):
        await admin_of(request.scope, desk.services)
    content = await asyncio.to_thread(desk.metrics.render)
    return Response(content, headers={"Content-Type": CONTENT_TYPE, "Cache-Control": "no-store"})
