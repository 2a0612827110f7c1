"""Webhooks: /api/v1/webhooks. The worker delivers; here they are only kept."""

import asyncio
import secrets

from litestar import Controller, Response, delete, get, post
from litestar.params import FromPath

from matinee.apps.api import bodies
from matinee.apps.api.desk import ApiRequest, Desk, desk_of, json_response
from matinee.apps.api.operations import Answer, Operation, read_query
from matinee.apps.api.schema import CreateWebhook, WebhookBody, WebhookPage
from matinee.apps.api.viewing import NoQuery
from matinee.catalog.signature import new_secret
from matinee.catalog.webhooks import Webhook

PING = "webhook.ping"


def webhook_body(webhook: Webhook, *, secret: bool = False) -> WebhookBody:
    """Return what the API shows of *webhook*; its secret only in answer to its creation."""
    return WebhookBody(
        id=webhook.id,
        url=webhook.url,
        events=[*webhook.events],
        created_at=webhook.created_at,
        secret=webhook.secret if secret else None,
        last_status=webhook.last_status,
        last_attempt_at=webhook.last_attempt_at,
    )


class Webhooks(Controller):
    """URLs that are told what happens."""

    path = "/webhooks"

    @post(
        "/",
        status_code=201,
        operation=Operation(
            id="createWebhook",
            tag="Webhooks",
            summary="Register a webhook",
            body=CreateWebhook,
            answers={
                201: Answer(
                    description="The webhook, with the secret that signs its requests.",
                    body=WebhookBody,
                    headers={"Location": "Where the webhook is."},
                )
            },
            problems={422: "The URL or an event type is unusable, or there are too many."},
        ),
    )
    async def create(self, request: ApiRequest) -> Response[bytes]:
        """Register a URL that is sent events.

        Each is the JSON of an `Event`, signed as Standard Webhooks says, and sent again for about
        a day until it is answered with 2xx.
        """
        wanted = await bodies.read(request, CreateWebhook)
        webhooks = desk_of(request).services.catalog.webhooks
        made = await asyncio.to_thread(
            webhooks.create, wanted.url, wanted.events, new_secret(secrets.token_bytes)
        )
        location = {"Location": f"/api/v1/webhooks/{made.id}"}
        return json_response(webhook_body(made, secret=True), status=201, headers=location)

    @get(
        "/",
        operation=Operation(
            id="listWebhooks",
            tag="Webhooks",
            summary="List webhooks",
            query=NoQuery,
            answers={200: Answer(description="All webhooks, oldest first.", body=WebhookPage)},
        ),
    )
    async def page(self, request: ApiRequest) -> Response[bytes]:
        """List all webhooks, with how the last request to each was answered."""
        read_query(request, NoQuery)
        found = await asyncio.to_thread(desk_of(request).services.catalog.webhooks.list)
        return json_response(WebhookPage(items=[webhook_body(one) for one in found]))

    @get(
        "/{webhook_id:str}",
        operation=Operation(
            id="getWebhook",
            tag="Webhooks",
            summary="Get a webhook",
            answers={200: Answer(description="The webhook.", body=WebhookBody)},
        ),
    )
    async def one(self, request: ApiRequest, webhook_id: FromPath[str]) -> Response[bytes]:
        """Return one webhook, without its secret."""
        webhooks = desk_of(request).services.catalog.webhooks
        return json_response(webhook_body(await asyncio.to_thread(webhooks.get, webhook_id)))

    @delete(
        "/{webhook_id:str}",
        status_code=204,
        operation=Operation(
            id="deleteWebhook",
            tag="Webhooks",
            summary="Remove a webhook",
            answers={204: Answer(description="It is told nothing any more.")},
        ),
    )
    async def remove(self, request: ApiRequest, webhook_id: FromPath[str]) -> None:
        """Remove a webhook, and what was still on its way to it."""
        await asyncio.to_thread(desk_of(request).services.catalog.webhooks.delete, webhook_id)

    @post(
        "/{webhook_id:str}/ping",
        status_code=202,
        operation=Operation(
            id="pingWebhook",
            tag="Webhooks",
            summary="Try a webhook",
            answers={202: Answer(description="A ping is on its way.", body=WebhookBody)},
        ),
    )
    async def ping(self, request: ApiRequest, webhook_id: FromPath[str]) -> Response[bytes]:
        """Send the webhook a `webhook.ping` event; see `last_status` a moment later."""
        webhook = await asyncio.to_thread(_ping, desk_of(request), webhook_id)
        return json_response(webhook_body(webhook), status=202)


def _ping(desk: Desk, webhook_id: str) -> Webhook:
    catalog = desk.services.catalog
    webhook = catalog.webhooks.get(webhook_id)
    event = catalog.events.append(PING, data={"webhook_id": webhook.id})
    catalog.deliveries.enqueue_for(webhook.id, event)
    return webhook
