"""The packs that come with Salus: one folder an application."""
