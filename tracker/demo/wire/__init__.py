"""What SDKs send: one module for each kind, with `event_of(moment)` that makes an event's payload."""
