"""Commands on titles: list, show, retry, cancel, unpublish, delete."""

from typing import Annotated

import msgspec
import typer

from matinee.apps.api.schema import Job, TitleBody
from matinee.cli.board import Board
from matinee.cli.client import Client
from matinee.cli.options import ApiKey, Json, TitleId, Url, settings_with
from matinee.cli.output import clock, err, facts, print_json, rate, size, table
from matinee.cli.publishing import follow, tell
from matinee.errors import CancelledError, InputError, NotFoundError
from matinee.model.media import MediaInfo
from matinee.model.report import Report


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """What `matinee show --json` prints."""

    title: TitleBody
    source: MediaInfo | None
    report: Report | None


def titles_command(
    query: Annotated[str | None, typer.Argument(metavar="[QUERY]", help="Words to find.")] = None,
    state: Annotated[
        str | None,
        typer.Option(help="processing, live, unpublished, failed or cancelled."),
    ] = None,
    url: Url = None,
    api_key: ApiKey = None,
    as_json: Json = False,
) -> None:
    """List the titles, newest first."""
    client = Client(settings_with(url=url, api_key=api_key))
    try:
        found = list(client.titles(q=query, state=state))
    finally:
        client.close()
    if as_json:
        print_json(found)
        return
    if not found:
        err.print("No titles yet." if not query and not state else "No title matches.")
        err.print("Next: matinee publish film.mp4", style="dim")
        return
    table(
        ("id", "state", "length", "rungs", "created", "name"),
        (
            (
                one.title.id,
                one.title.state,
                clock(one.title.duration),
                len(one.title.rungs) or "",
                one.title.created_at.strftime("%Y-%m-%d %H:%M"),
                one.title.name,
            )
            for one in found
        ),
    )


def show_command(
    title_id: TitleId, url: Url = None, api_key: ApiKey = None, as_json: Json = False
) -> None:
    """Show one title: where to watch it, its rungs, its job and what its check found."""
    client = Client(settings_with(url=url, api_key=api_key))
    try:
        body = client.title(title_id)
        shown = Shown(title=body, source=_info(client, title_id), report=_report(client, title_id))
    finally:
        client.close()
    if as_json:
        print_json(shown)
        return
    _tell(shown)


def _info(client: Client, title_id: str) -> MediaInfo | None:
    try:
        return client.media_info(title_id)
    except NotFoundError:
        return None


def _report(client: Client, title_id: str) -> Report | None:
    try:
        return client.report(title_id)
    except NotFoundError:
        return None


def _tell(shown: Shown) -> None:
    title, links, job = shown.title.title, shown.title.links, shown.title.job
    problem = title.problem or (job.problem if job else None)
    source = shown.source
    facts(
        [
            ("Title", title.id),
            ("Name", title.name),
            ("State", title.state),
            ("Length", clock(title.duration)),
            ("Source", f"{title.source.filename}{_described(source) if source else ''}"),
            ("Audio", ", ".join(title.audio_languages)),
            ("Subtitles", ", ".join(title.text_languages)),
            ("Watch", links.watch if title.state == "live" else None),
            ("HLS", links.hls),
            ("DASH", links.dash),
            ("Console", links.console),
            ("Job", f"{job.id}, {job.state}, attempt {job.attempt}" if job else None),
            ("Check", _verdict(shown.report) if shown.report else None),
            ("Problem", problem.message if problem else None),
            ("Fix", problem.fix if problem else None),
        ]
    )
    if title.rungs:
        table(
            ("rung", "codec", "size", "fps", "peak", "average", "bytes"),
            (
                (
                    rung.name,
                    rung.codec,
                    f"{rung.width}x{rung.height}",
                    f"{rung.frame_rate:.3f}",
                    rate(rung.bandwidth),
                    rate(rung.average_bandwidth),
                    size(rung.size),
                )
                for rung in title.rungs
            ),
        )
    if problem and problem.log:
        err.print(problem.log.strip(), style="dim", markup=False)


def _described(info: MediaInfo) -> str:
    parts = [info.container, size(info.size)]
    parts += [f"{one.codec} {one.width}x{one.height}" for one in info.video]
    parts += [f"{one.codec} {one.channels}ch {one.language or ''}".strip() for one in info.audio]
    return f" ({', '.join(parts)})"


def _verdict(report: Report) -> str:
    errors = sum(finding.severity == "error" for finding in report.findings)
    remarks = len(report.findings) - errors
    return f"{'passed' if report.passed else 'failed'}, {errors} errors, {remarks} remarks"


def retry_command(
    title_id: TitleId,
    wait: Annotated[bool, typer.Option(help="Follow until the film is live.")] = True,
    url: Url = None,
    api_key: ApiKey = None,
    as_json: Json = False,
) -> None:
    """Publish a failed or cancelled title again, from the stage where it ended."""
    client = Client(settings_with(url=url, api_key=api_key))
    try:
        client.act(title_id, "retry")
        body = client.title(title_id)
        if wait:
            with Board(quiet=as_json) as board:
                body = follow(client, body, board)
    except KeyboardInterrupt:
        raise CancelledError("Stopped following.", fix="The server goes on.") from None
    finally:
        client.close()
    if as_json:
        print_json(body)
    else:
        tell(body, waited=wait)


def cancel_command(
    title_id: TitleId, url: Url = None, api_key: ApiKey = None, as_json: Json = False
) -> None:
    """Stop the job of a title."""
    _act(title_id, "cancel", url, api_key, as_json=as_json)


def unpublish_command(
    title_id: TitleId, url: Url = None, api_key: ApiKey = None, as_json: Json = False
) -> None:
    """Take a title off the air; its media stays."""
    _act(title_id, "unpublish", url, api_key, as_json=as_json)


def republish_command(
    title_id: TitleId, url: Url = None, api_key: ApiKey = None, as_json: Json = False
) -> None:
    """Put an unpublished title back on the air."""
    _act(title_id, "publish", url, api_key, as_json=as_json)


def _act(
    title_id: str, action: str, url: str | None, api_key: str | None, *, as_json: bool
) -> None:
    client = Client(settings_with(url=url, api_key=api_key))
    try:
        answer = client.act(title_id, action)
    finally:
        client.close()
    if as_json:
        print_json(answer)
    elif isinstance(answer, Job):
        facts([("Job", answer.id), ("State", answer.state)])
    else:
        facts([("Title", answer.title.id), ("State", answer.title.state)])


def delete_command(
    title_id: TitleId,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    url: Url = None,
    api_key: ApiKey = None,
    as_json: Json = False,
) -> None:
    """Delete a title with all its media, for good."""
    client = Client(settings_with(url=url, api_key=api_key))
    try:
        body = client.title(title_id)
        if not yes:
            if as_json or not err.is_terminal:
                raise InputError("Deleting asks first.", fix="Add --yes.")
            typer.confirm(f"Delete {body.title.name!r} and all its media?", abort=True, err=True)
        client.delete_title(title_id)
    finally:
        client.close()
    if as_json:
        print_json({"deleted": title_id})
    else:
        facts([("Deleted", body.title.name)])
