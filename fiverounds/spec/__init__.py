"""From the file on disk to a `Bench`, or to every problem the file has."""
