"""A source and a ladder in, renditions and images out, by ffmpeg."""
