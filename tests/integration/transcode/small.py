"""A ladder of two small rungs, quickly encoded, with short segments."""

from matinee.model.ladder import AudioRung, Ladder, Rung

LADDER = Ladder(
    name="small",
    preset="ultrafast",
    gop_seconds=0.5,
    segment_seconds=1.0,
    video=(
        Rung(name="180p", height=180, max_rate=600_000),
        Rung(name="90p", height=90, max_rate=200_000, max_frame_rate=15.0),
    ),
    audio=(AudioRung(),),
)
