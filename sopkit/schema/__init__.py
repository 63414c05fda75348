"""Tables, columns, measures, levers and the words people read, as data."""
