"""Where calls come from: recordings, transcripts in many formats, and the manifest that lists them."""
