"""Every error Matinee raises, split by who must act.

```
MatineeError
├── InputError        the caller: what was given cannot be used (HTTP 4xx)
│   ├── NotFoundError     no such thing (404)
│   ├── ConflictError     the thing is in a state that forbids it (409)
│   ├── DeniedError       who asks may not (401, 403)
│   └── MediaError        the media file itself is at fault; `code` says how
├── UpstreamError     a program, disk or server we depend on failed: try again
├── CancelledError    somebody asked us to stop
└── InvariantError    us: a promise the code makes was broken
```
A message names the fault; `fix` names what to do next, in the imperative. Status codes belong to
`apps/`; errors know nothing of HTTP.
"""


class MatineeError(Exception):
    """Base of every error that Matinee raises on purpose.

    Attributes:
        message: what happened and why, one sentence, safe to show (no secrets, no signed URLs).
        fix: what the reader can do about it, or "" where nothing can be done.
        code: a stable kebab-case identifier for programs.
    """

    code = "error"

    def __init__(self, message: str, *, fix: str = "", code: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.fix = fix
        if code is not None:
            self.code = code

    def __str__(self) -> str:
        return f"{self.message} {self.fix}".strip() if self.fix else self.message


class InputError(MatineeError):
    """What the caller gave cannot be used as it is."""

    code = "invalid-input"


class NotFoundError(InputError):
    """The thing named does not exist, or not any more."""

    code = "not-found"


class ConflictError(InputError):
    """The thing exists, but its state forbids what was asked."""

    code = "conflict"


class DeniedError(InputError):
    """The caller is unknown, or known and not allowed."""

    code = "denied"


class MediaError(InputError):
    """The media given cannot be published; `code` is one of the codes below.

    Codes: `not-media`, `unsupported-container`, `truncated`, `damaged`, `nothing-to-play`,
    `absurd-dimensions`, `absurd-duration`, `too-many-tracks`, `playlist-refused`, `empty-file`,
    `unsupported-codec`, `encrypted`, `too-large`, `bad-subtitles`.
    """

    code = "not-media"


class UpstreamError(MatineeError):
    """Something we depend on failed; the same call may succeed later."""

    code = "upstream"


class CancelledError(MatineeError):
    """The work was cancelled by a person or by shutdown."""

    code = "cancelled"


class InvariantError(MatineeError):
    """A promise that our own code makes was broken."""

    code = "internal"
