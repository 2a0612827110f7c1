"""The listings of titles, with full-text search on either database."""

from collections.abc import Sequence

from sqlalchemy import (
    ColumnElement,
    Connection,
    Double,
    Integer,
    RowMapping,
    Select,
    and_,
    bindparam,
    cast,
    column,
    func,
    literal_column,
    or_,
    select,
    table,
)

from matinee.catalog import search
from matinee.catalog.pages import (
    Page,
    Position,
    checked_limit,
    cut,
    listing_of,
    microseconds,
    position_of,
)
from matinee.catalog.rows import title_of
from matinee.database.tables import titles
from matinee.model.title import Title, TitleState

_NAME_WEIGHT, _SYNOPSIS_WEIGHT = 10.0, 1.0
_fts = table("titles_search", column("rowid", Integer))


def newest_first(
    connection: Connection,
    q: str | None,
    state: TitleState | None,
    *,
    cursor: str | None,
    limit: int,
) -> Page[Title]:
    """Return titles by their creation, newest first; see `Titles.page`."""
    limit = checked_limit(limit)
    listing = listing_of("titles", q, state)
    after = position_of(cursor, listing)
    made = titles.c.created_at
    statement = select(titles).order_by(made.desc(), titles.c.id.desc()).limit(limit + 1)
    if state is not None:
        statement = statement.where(titles.c.state == state)
    if q is not None and q.strip():
        phrases = search.query(q)
        if not phrases:
            return Page(items=())
        hits = _hits(connection, phrases)
        statement = statement.where(titles.c.number.in_(select(hits.subquery().c.number)))
    if after is not None:
        statement = statement.where(
            or_(made < after.at, and_(made == after.at, titles.c.id < after.id))
        )
    rows = connection.execute(statement).mappings().all()
    return _page(rows, [microseconds(row["created_at"]) for row in rows], listing, limit)


def live(connection: Connection, q: str | None, *, cursor: str | None, limit: int) -> Page[Title]:
    """Return live titles, newest or best match first; see `Titles.catalog_page`."""
    if q is not None and q.strip():
        return _best_first(connection, q, cursor=cursor, limit=limit)
    limit = checked_limit(limit)
    listing = listing_of("catalog")
    after = position_of(cursor, listing)
    published = titles.c.published_at
    statement = (
        select(titles)
        .where(titles.c.state == "live")
        .order_by(published.desc(), titles.c.id.desc())
        .limit(limit + 1)
    )
    if after is not None:
        statement = statement.where(
            or_(published < after.at, and_(published == after.at, titles.c.id < after.id))
        )
    rows = connection.execute(statement).mappings().all()
    return _page(rows, [microseconds(row["published_at"]) for row in rows], listing, limit)


def _best_first(connection: Connection, q: str, *, cursor: str | None, limit: int) -> Page[Title]:
    limit = checked_limit(limit)
    listing = listing_of("search", q)
    after = position_of(cursor, listing)
    phrases = search.query(q)
    if not phrases:
        return Page(items=())
    # Materialized: SQLite computes bm25() only inside the query on the FTS table itself.
    hits = _hits(connection, phrases).cte("hits").prefix_with("MATERIALIZED")
    rank = hits.c.rank
    # Sorted before the wide rows are read: a broad query hits most of the catalogue.
    best = (
        select(titles.c.number, rank)
        .join(hits, hits.c.number == titles.c.number)
        .where(titles.c.state == "live")
        .order_by(rank, titles.c.id.desc())
        .limit(limit + 1)
    )
    if after is not None:
        key = bindparam("after_rank", float(after.key), Double)
        best = best.where(or_(rank > key, and_(rank == key, titles.c.id < after.id)))
    found = best.subquery("best")
    statement = (
        select(titles, found.c.rank)
        .join(found, found.c.number == titles.c.number)
        .order_by(found.c.rank, titles.c.id.desc())
    )
    rows = connection.execute(statement).mappings().all()
    return _page(rows, [row["rank"] for row in rows], listing, limit)


def _hits(connection: Connection, phrases: tuple[search.Phrase, ...]) -> Select[int, float]:
    """Return a query for the `number` and `rank` of the titles that match; lower is better."""
    if connection.dialect.name == "sqlite":
        match: ColumnElement[bool] = literal_column("titles_search").bool_op("MATCH")(
            search.fts5(phrases)
        )
        rank = func.bm25(literal_column("titles_search"), _NAME_WEIGHT, _SYNOPSIS_WEIGHT)
        number: ColumnElement[int] = _fts.c.rowid
        return select(number.label("number"), rank.label("rank")).where(match)
    wanted = func.to_tsquery("simple", search.tsquery(phrases))
    document: ColumnElement[str] = literal_column("titles.search")
    score = -cast(func.ts_rank(document, wanted), Double)
    return select(titles.c.number.label("number"), score.label("rank")).where(
        document.bool_op("@@")(wanted)
    )


def _page(
    rows: Sequence[RowMapping],
    keys: Sequence[int | float],
    listing: str,
    limit: int,
) -> Page[Title]:
    positions = [Position(listing, key, row["id"]) for key, row in zip(keys, rows, strict=True)]
    return cut([title_of(row) for row in rows], positions, limit)
