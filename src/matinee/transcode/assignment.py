"""Who encodes: hardware for all outputs of a film, or software for all of them. Pure.

This is the one place where that is settled, from the plan and the `Finding` alone. What hardware
makes is named in the plan (`VideoOutput.hardware`), so whoever makes a piece goes by it.
"""

import msgspec

from matinee.errors import UpstreamError
from matinee.transcode.hardware import KIND_NAMES, KINDS, Finding, Form, HardwareEncoder, Kind
from matinee.transcode.plan import EncodePlan, VideoOutput


class HardwareError(UpstreamError):
    """A hardware encoder did not make what it should; software makes it instead."""

    code = "hardware-failed"


def form_of(output: VideoOutput) -> Form:
    """Return what the encoder of *output* makes."""
    return Form(output.codec, output.colour.bit_depth)


def kind_of(plan: EncodePlan) -> Kind | None:
    """Return the kind of hardware that encodes *plan*, None where software does."""
    if plan.video is None or plan.video.copy:
        return None
    return next((one.hardware for one in plan.video.outputs if one.hardware is not None), None)


def assigned(plan: EncodePlan, finding: Finding) -> tuple[EncodePlan, tuple[str, ...]]:
    """Return *plan* with hardware for all its outputs where one device can, and what to say of it.

    All or nothing: rungs of two encoders in one film differ in look at equal rates, and a film
    in one piece is as slow as its slowest encoder.
    """
    video = plan.video
    if video is None or video.copy or any(why_software(one) for one in video.outputs):
        return plan, ()
    forms = [form_of(output) for output in video.outputs]
    kind = next((one for one in KINDS if finding.equipment(one, forms)), None)
    if kind is None:
        return plan, ()
    return _by(plan, kind), (f"The pictures are encoded by hardware ({KIND_NAMES[kind]}).",)


def why_software(output: VideoOutput) -> str:
    """Return why only the software encoder makes *output*, "" where hardware might."""
    if output.colour.video_range != "SDR":
        return "the metadata of HDR is told by the software encoders alone"
    if output.film_grain or output.trellis or output.lookahead is not None:
        return "the rung steers its software encoder"
    if output.profile == "baseline":
        return "hardware makes constrained baseline, which another box says"
    return ""


def by_software(plan: EncodePlan) -> EncodePlan:
    """Return *plan* with all its outputs made by software."""
    return _by(plan, None)


def equipment_for(plan: EncodePlan, finding: Finding) -> tuple[HardwareEncoder, ...]:
    """Return what of *finding* makes the outputs of *plan*; () where software does.

    Raises:
        HardwareError: the plan is for hardware that is not in *finding*.
    """
    kind = kind_of(plan)
    if kind is None or plan.video is None:
        return ()
    equipment = finding.equipment(kind, [form_of(output) for output in plan.video.outputs])
    if not equipment:
        raise HardwareError(f"The worker that took it has no such {KIND_NAMES[kind]} encoder.")
    return equipment


def _by(plan: EncodePlan, kind: Kind | None) -> EncodePlan:
    outputs = plan.video.outputs if plan.video is not None else ()
    return plan.with_outputs(msgspec.structs.replace(one, hardware=kind) for one in outputs)
