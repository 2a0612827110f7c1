"""Errors in words for people."""

from collections.abc import Iterator

from matinee.errors import InvariantError, MatineeError
from matinee.model.title import Problem
from matinee.toolchain.run import ProcessError

LOG_LIMIT = 4000


class PieceFailedError(MatineeError):
    """A piece of an encode could not be made; `problem` is what its maker said."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message, fix=problem.fix, code=problem.code)
        self.problem = problem


def problem_of(error: Exception) -> Problem:
    """Put *error* in words for people, with the last words of the program that failed."""
    if isinstance(error, PieceFailedError):
        return error.problem
    words = next((words for link in _causes(error) if (words := _last_words(link))), "")
    if isinstance(error, MatineeError):
        return Problem(code=error.code, message=error.message, fix=error.fix, log=words)
    return Problem(
        code=InvariantError.code,
        message=f"A fault in Matinee stopped this stage ({type(error).__name__}).",
        fix="Retry; if it happens again, report it with the worker's log.",
        log=words,
    )


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Give *error* and what it was raised from, each once: nothing forbids a ring of them."""
    seen: set[int] = set()
    link: BaseException | None = error
    while link is not None and id(link) not in seen:
        yield link
        seen.add(id(link))
        link = link.__cause__


def _last_words(error: BaseException) -> str:
    return error.completed.stderr[-LOG_LIMIT:] if isinstance(error, ProcessError) else ""
