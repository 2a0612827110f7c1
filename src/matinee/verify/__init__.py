"""The rule checker for anybody's stream: HLS, DASH and CMAF."""

from matinee.verify.check import verify
from matinee.verify.options import VerifyOptions

__all__ = ["VerifyOptions", "verify"]
