"""The outbox's way out: claims messages, hands each to its receiver, keeps what came of every attempt."""
