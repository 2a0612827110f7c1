"""A worker's hands: they take pieces from the queue, make them, and keep their leases.

Threads do the waiting, ffmpeg does the work. A lease is renewed by one thread for all pieces in
hand; a piece whose lease is lost is let go at once, whatever has been made of it.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import msgspec
import structlog

from matinee.catalog.pieces import LEASE, Pieces
from matinee.errors import CancelledError, MediaError, UpstreamError
from matinee.model.piece import Lane, PieceRecord
from matinee.model.progress import Control, Progress, RungProgress
from matinee.storage.store import ObjectStore
from matinee.toolchain.tools import Toolchain
from matinee.transcode.assignment import HardwareError
from matinee.transcode.hardware import Finding, nothing_sought
from matinee.transcode.making import Workplace, make
from matinee.transcode.order import Order, Piece, pieces_of, read_of
from matinee.workflows.encoding import software_of
from matinee.workflows.problems import problem_of

log = structlog.get_logger()

POLL_SECONDS = 0.3
RENEW_SECONDS = 1.0
SOUND_SLOTS = 1
"""Sound takes one processor for a short while; it runs beside the pictures."""


class Hand:
    """One piece in the making."""

    def __init__(self, record: PieceRecord) -> None:
        self.record = record
        self.lost = threading.Event()
        self.renewed = time.monotonic()
        self.fraction = 0.0
        self.rungs: tuple[RungProgress, ...] = ()

    def report(self, progress: Progress) -> None:
        """Note how far it is."""
        self.fraction, self.rungs = progress.fraction, progress.rungs


class Crew:
    """Makes pieces until it is stopped: as many at a time as `slots`, which may be changed."""

    def __init__(
        self,
        name: str,
        pieces: Pieces,
        store: ObjectStore,
        scratch: Path,
        toolchain: Toolchain,
        hardware: Callable[[], Finding] = nothing_sought,
    ) -> None:
        self.name = name
        self.slots = 1
        self._pieces = pieces
        self._store = store
        self._workplace = Workplace(
            store=store, folder="", scratch=scratch, toolchain=toolchain, hardware=hardware
        )
        self._sources = Sources(store)
        self._hands: dict[int, Hand] = {}
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._stopping = threading.Event()

    def start(self) -> None:
        """Begin to take pieces."""
        for work in (self._take_loop, self._renew_loop):
            threading.Thread(target=work, name=work.__name__.strip("_"), daemon=True).start()

    def wake(self) -> None:
        """Look at the queue now."""
        self._wake.set()

    @property
    def busy(self) -> int:
        """Pieces in hand."""
        return len(self._hands)

    def stop(self, seconds: float) -> bool:
        """Give back what is in hand, and take no more; whether all was let go in time."""
        self._stopping.set()
        self._wake.set()
        deadline = time.monotonic() + seconds
        while self._hands and time.monotonic() < deadline:
            time.sleep(0.05)
        self._sources.close()
        return not self._hands

    def _take_loop(self) -> None:
        while not self._stopping.is_set():
            self._wake.clear()
            try:
                took = self._take("pictures", self.slots) + self._take("sound", SOUND_SLOTS)
            except Exception:
                # The database may be away for a while; pieces wait in it, so try again for ever.
                log.exception("crew.take_failed")
                took = 0
            if not took:
                if not self._hands:
                    self._sources.rest()
                self._wake.wait(POLL_SECONDS)

    def _take(self, lane: Lane, slots: int) -> int:
        """Begin as many pieces of *lane* as there are free slots; return how many."""
        took = 0
        while not self._stopping.is_set():
            with self._lock:
                held = sum(hand.record.lane == lane for hand in self._hands.values())
            record = self._pieces.claim(self.name, lane) if held < slots else None
            if record is None:
                break
            hand = Hand(record)
            with self._lock:
                self._hands[id(hand)] = hand
            name = f"piece-{record.number}"
            threading.Thread(target=self._work, args=(hand,), name=name, daemon=True).start()
            took += 1
        return took

    def _work(self, hand: Hand) -> None:
        try:
            self._make(hand)
        except Exception:
            # Noting the end failed: the lease runs out, and the piece is made again.
            log.exception("piece.unnoted", **_named(hand.record))
        finally:
            with self._lock:
                self._hands.pop(id(hand), None)
            self._wake.set()

    def _make(self, hand: Hand) -> None:
        record = hand.record
        control = Control(
            report=hand.report,
            cancelled=lambda: hand.lost.is_set() or self._stopping.is_set(),
        )
        log.info("piece.begun", **_named(record))
        try:
            result = self._result(record, control)
        except CancelledError:
            if not hand.lost.is_set():
                self._pieces.release(record)
            log.info("piece.let_go", lost=hand.lost.is_set(), **_named(record))
        except (MediaError, HardwareError) as error:
            # The source is at fault: it would be tomorrow, too. What hardware fails at is drawn up
            # again for software.
            self._pieces.failed(record, problem_of(error), for_good=True)
        except Exception as error:
            expected = isinstance(error, UpstreamError)
            log.warning("piece.failed", error=str(error), exc_info=not expected, **_named(record))
            self._pieces.failed(record, problem_of(error), for_good=False)
        else:
            self._pieces.done(record, result)
            log.info("piece.done", **_named(record))

    def _result(self, record: PieceRecord, control: Control) -> str:
        order = msgspec.json.decode(self._store.get(record.order_key), type=Order)
        own = software_of(self._workplace.toolchain)
        if order.software != own:
            raise UpstreamError(
                f"This worker encodes with {own}, the film was begun with {order.software}.",
                fix="Run the same version of Matinee and ffmpeg on all workers.",
                code="software-differs",
            )
        piece = _piece(order, record)
        with self._sources.hold(read_of(order, piece)) as source:
            made = make(order, piece, source, self._workplace, control)
        return msgspec.json.encode(made).decode()

    def _renew_loop(self) -> None:
        while True:
            time.sleep(RENEW_SECONDS)
            with self._lock:
                hands = list(self._hands.values())
            for hand in hands:
                self._renew(hand)

    def _renew(self, hand: Hand) -> None:
        try:
            if self._pieces.renew(hand.record, hand.fraction, hand.rungs):
                hand.renewed = time.monotonic()
            else:
                hand.lost.set()
        except Exception as error:  # noqa: BLE001 - the database may be away for a moment
            log.warning("crew.renew_failed", error=str(error))
            if time.monotonic() - hand.renewed > LEASE.total_seconds():
                hand.lost.set()


def _piece(order: Order, record: PieceRecord) -> Piece:
    return next(one for one in pieces_of(order) if one.number == record.number)


def _named(record: PieceRecord) -> dict[str, object]:
    return {
        "worker": record.worker,
        "order": record.order_key,
        "number": record.number,
        "claim": record.claim,
    }


class Sources:
    """Local files of the films in hand: fetched once for all pieces that are made of them."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._held: dict[str, tuple[ExitStack, Path]] = {}
        self._users: dict[str, int] = {}

    @contextmanager
    def hold(self, key: str) -> Iterator[Path]:
        """Give the object at *key* as a local file; it stays for the next who asks."""
        with self._lock:
            self._users[key] = self._users.get(key, 0) + 1
            if key not in self._held:
                self._drop(spare=key)
                stack = ExitStack()
                try:
                    self._held[key] = (stack, stack.enter_context(self._store.local(key)))
                except BaseException:
                    self._users[key] -= 1
                    raise
            path = self._held[key][1]
        try:
            yield path
        finally:
            with self._lock:
                self._users[key] -= 1

    def rest(self) -> None:
        """Let go of all that nobody uses."""
        with self._lock:
            self._drop()

    close = rest

    def _drop(self, spare: str = "") -> None:
        for key in [one for one in self._held if one != spare and not self._users.get(one)]:
            self._held.pop(key)[0].close()
            self._users.pop(key, None)
