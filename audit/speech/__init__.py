"""Recordings to transcripts: decode, find speech, recognise, tell who spoke. Heavy libraries load with the modules."""

import os

# Nothing leaves the machine: onnxruntime and the Hugging Face client would report their use to their makers.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
