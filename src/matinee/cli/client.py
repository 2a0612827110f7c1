"""The REST API as the command line calls it."""

from collections.abc import Iterator, Mapping
from typing import TypeVar

import httpx
import msgspec

from matinee.apps.api.schema import (
    CreateTitle,
    Job,
    ProblemBody,
    Report,
    SignInCode,
    TitleBody,
    TitlePage,
    UpdateWorker,
    WorkerList,
)
from matinee.cli import keys
from matinee.errors import (
    ConflictError,
    DeniedError,
    InputError,
    MatineeError,
    NotFoundError,
    UpstreamError,
)
from matinee.model.media import MediaInfo
from matinee.settings import Settings

Body = TypeVar("Body")

_TIMEOUT = httpx.Timeout(30, connect=5)
_ERRORS: Mapping[int, type[MatineeError]] = {
    401: DeniedError,
    403: DeniedError,
    404: NotFoundError,
    409: ConflictError,
}


class Client:
    """A connection to one server; close it after use."""

    def __init__(self, settings: Settings) -> None:
        self.url = keys.server_url(settings)
        self.http = httpx.Client(
            base_url=self.url,
            headers={"authorization": f"Bearer {keys.api_key(settings)}"},
            timeout=_TIMEOUT,
            trust_env=not self.url.startswith(("http://127.", "http://localhost")),
        )

    def close(self) -> None:
        """Give the connection back."""
        self.http.close()

    def request(
        self,
        method: str,
        path: str,
        *,
        body: object = None,
        query: Mapping[str, str | int | None] | None = None,
        headers: Mapping[str, str] | None = None,
        content: bytes | None = None,
    ) -> httpx.Response:
        """Send a request and return its answer.

        Raises:
            MatineeError: the server refused; the error carries its words.
            UpstreamError: the server cannot be reached.
        """
        sent = dict(headers or {})
        if body is not None:
            content = msgspec.json.encode(body)
            sent["content-type"] = "application/json"
        asked = {name: value for name, value in (query or {}).items() if value is not None}
        try:
            answer = self.http.request(method, path, params=asked, headers=sent, content=content)
        except httpx.TransportError as error:
            raise UpstreamError(
                f"No server answers at {self.url}.",
                fix="Start one with `matinee up`, or name it with --url.",
                code="unreachable",
            ) from error
        if answer.is_error:
            raise error_of(answer)
        return answer

    def _get(self, path: str, kind: type[Body], **query: str | int | None) -> Body:
        return msgspec.json.decode(self.request("GET", path, query=query).content, type=kind)

    def create_title(self, title: CreateTitle, idempotency_key: str) -> TitleBody:
        """Create a title from an upload or a URL."""
        answer = self.request(
            "POST",
            "/api/v1/titles",
            body=title,
            headers={"idempotency-key": idempotency_key},
        )
        return msgspec.json.decode(answer.content, type=TitleBody)

    def title(self, title_id: str) -> TitleBody:
        """Return one title with its links and newest job."""
        return self._get(f"/api/v1/titles/{segment(title_id)}", TitleBody)

    def titles(self, *, q: str | None = None, state: str | None = None) -> Iterator[TitleBody]:
        """Yield all titles, newest first."""
        cursor: str | None = None
        while True:
            page = self._get(
                "/api/v1/titles", TitlePage, q=q, state=state, cursor=cursor, limit=100
            )
            yield from page.items
            cursor = page.next_cursor
            if cursor is None:
                return

    def act(self, title_id: str, action: str) -> TitleBody | Job:
        """Call `POST /titles/{id}/{action}`: retry, cancel, unpublish or publish."""
        answer = self.request("POST", f"/api/v1/titles/{segment(title_id)}/{action}")
        if action in {"retry", "cancel"}:
            return msgspec.json.decode(answer.content, type=Job)
        return msgspec.json.decode(answer.content, type=TitleBody)

    def delete_title(self, title_id: str) -> None:
        """Delete a title and all its media."""
        self.request("DELETE", f"/api/v1/titles/{segment(title_id)}")

    def report(self, title_id: str) -> Report:
        """Return the verify report of a title."""
        return self._get(f"/api/v1/titles/{segment(title_id)}/report", Report)

    def media_info(self, title_id: str) -> MediaInfo:
        """Return what the probe says of a title's source."""
        return self._get(f"/api/v1/titles/{segment(title_id)}/media-info", MediaInfo)

    def workers(self) -> WorkerList:
        """Return the workers of the platform."""
        return self._get("/api/v1/workers", WorkerList)

    def want_slots(self, worker_id: str, slots: int | None) -> None:
        """Ask a worker to encode *slots* pieces at a time; None leaves it to itself."""
        body = UpdateWorker(wanted_slots=slots)
        self.request("PATCH", f"/api/v1/workers/{segment(worker_id)}", body=body)

    def sign_in_code(self) -> SignInCode:
        """Return a one-time link that signs a browser in."""
        answer = self.request("POST", "/api/v1/session/codes")
        return msgspec.json.decode(answer.content, type=SignInCode)


def segment(text: str) -> str:
    """Return *text* if it can stand as one segment of a path.

    Raises:
        InputError: it is not an id.
    """
    if not text or not all(letter.isalnum() or letter in "-_" for letter in text):
        raise InputError(f"{text!r} is not an id.", fix="`matinee titles` lists the ids.")
    return text


def error_of(answer: httpx.Response) -> MatineeError:
    """Return the error that a refusal of the server tells of."""
    kind = _ERRORS.get(answer.status_code, InputError)
    if answer.status_code >= 500:
        kind = UpstreamError
    try:
        problem = msgspec.json.decode(answer.content, type=ProblemBody)
    except msgspec.DecodeError:
        return kind(f"The server answered {answer.status_code} {answer.reason_phrase}.")
    message = problem.detail or problem.title
    if problem.errors:
        message = f"{message} {'; '.join(problem.errors)}"
    return kind(message, fix=problem.fix, code=problem.code)
