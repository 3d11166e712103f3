CREATE TABLE IF NOT EXISTS notes (
    id         INTEGER PRIMARY KEY AUTOINCREMENT, -- AUTOINCREMENT: ids are never reused
    title      TEXT    NOT NULL,
    body       TEXT    NOT NULL,
    created_at INTEGER NOT NULL, -- milliseconds since 1970, UTC
    updated_at INTEGER NOT NULL
) STRICT;

-- External content: the text is stored once, in notes; the triggers keep the index in step with it.
-- The prefix indexes serve the search box, which asks after every key.
CREATE VIRTUAL TABLE IF NOT EXISTS notes_index USING fts5 (
    title,
    body,
    content = 'notes',
    content_rowid = 'id',
    tokenize = 'unicode61 remove_diacritics 2',
    prefix = '2 3'
);

CREATE TRIGGER IF NOT EXISTS notes_inserted AFTER INSERT ON notes BEGIN
    INSERT INTO notes_index (rowid, title, body) VALUES (new.id, new.title, new.body);
END;

-- To forget a row, FTS5 must be told the text that it indexed: the old one.
CREATE TRIGGER IF NOT EXISTS notes_deleted AFTER DELETE ON notes BEGIN
    INSERT INTO notes_index (notes_index, rowid, title, body)
    VALUES ('delete', old.id, old.title, old.body);
END;

CREATE TRIGGER IF NOT EXISTS notes_updated AFTER UPDATE OF title, body ON notes BEGIN
    INSERT INTO notes_index (notes_index, rowid, title, body)
    VALUES ('delete', old.id, old.title, old.body);
    INSERT INTO notes_index (rowid, title, body) VALUES (new.id, new.title, new.body);
END;
