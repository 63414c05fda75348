"""The plan store: revisions, audit log, approval, decisions, verification."""
