"""The record of what happened: SQLAlchemy Core tables on SQLite or PostgreSQL. `opening` opens it."""
