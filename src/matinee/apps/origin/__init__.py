"""The origin: manifests rendered from presentations, media objects by byte range."""
