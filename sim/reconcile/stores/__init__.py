"""A backend's tables, read-only: files, SQLite, PostgreSQL, under the backend's own names."""
