"""Exports of other systems as tables of the workbook: read, decided, proved."""
