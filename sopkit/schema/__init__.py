"""What tables and columns are, and the words people read (columns.csv, glossary.csv)."""
