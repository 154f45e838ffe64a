"""Recordings to transcripts: decode, find speech, recognise, tell who spoke. Heavy libraries load with the modules."""
