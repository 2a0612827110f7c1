"""Sources in: fetched, told by their bytes, probed, checked; their subtitles to WebVTT."""
