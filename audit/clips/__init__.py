"""What leaves the compliance desk: training packs cut from audited calls, and redacted reports, transcripts and recordings."""
