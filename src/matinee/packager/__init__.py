"""Renditions in, a published folder out: CMAF track files, manifests, `presentation.json`."""

from matinee.packager.package import PackageRequest, package

__all__ = ["PackageRequest", "package"]
