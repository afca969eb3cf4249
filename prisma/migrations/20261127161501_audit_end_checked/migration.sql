-- Reads every event. Meanwhile the service reads and writes them.
ALTER TABLE audit_events VALIDATE CONSTRAINT audit_events_end;
