"""Executors by name: where the calls of a batch are worked on. One file each, one line here."""

from audit.batch.executors.base import Executor, executor, executor_names

__all__ = ["Executor", "executor", "executor_names"]
