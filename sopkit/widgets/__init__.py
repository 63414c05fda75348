"""Panels and forms of notebooks opened by hand; a run and a report show a still picture in their
place."""
