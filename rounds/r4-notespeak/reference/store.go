package main

import (
	"context"
	"database/sql"
	_ "embed"
	"errors"
	"fmt"
	"net/url"
	"runtime"
	"time"

	_ "github.com/mattn/go-sqlite3"
)

//go:embed schema.sql
var schema string

// Store keeps the notes. SQLite has one writer at a time, so writes queue for a single connection
// in Go, where waiting is fair and cannot time out as "database is locked". In WAL mode the
// readers never wait for the writer.
type Store struct {
	writer *sql.DB
	reader *sql.DB
}

// OpenStore opens the database at path and creates what is missing in it.
func OpenStore(ctx context.Context, path string) (*Store, error) {
	writer, err := openPool(path, 1, url.Values{"_txlock": {"immediate"}})
	if err != nil {
		return nil, err
	}
	if _, err := writer.ExecContext(ctx, schema); err != nil {
		return nil, errors.Join(fmt.Errorf("apply schema: %w", err), writer.Close())
	}
	reader, err := openPool(path, max(4, runtime.NumCPU()), url.Values{"_query_only": {"true"}})
	if err != nil {
		return nil, errors.Join(err, writer.Close())
	}
	return &Store{writer: writer, reader: reader}, nil
}

func openPool(path string, connections int, options url.Values) (*sql.DB, error) {
	options.Set("_journal_mode", "WAL")
	options.Set("_busy_timeout", "5000")
	name := "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + options.Encode()
	pool, err := sql.Open("sqlite3", name)
	if err != nil {
		return nil, err
	}
	pool.SetMaxOpenConns(connections)
	pool.SetMaxIdleConns(connections)
	return pool, nil
}

// Close closes the database. The writer goes last and folds the write-ahead log into the file.
func (s *Store) Close() error {
	return errors.Join(s.reader.Close(), s.writer.Close())
}

const noteColumns = "id, title, body, created_at, updated_at"

func scanNote(row interface{ Scan(...any) error }) (Note, error) {
	var note Note
	var created, updated int64
	err := row.Scan(&note.ID, &note.Title, &note.Body, &created, &updated)
	if errors.Is(err, sql.ErrNoRows) {
		return Note{}, ErrNotFound
	}
	note.CreatedAt, note.UpdatedAt = time.UnixMilli(created).UTC(), time.UnixMilli(updated).UTC()
	return note, err
}

// Create stores a new note.
func (s *Store) Create(ctx context.Context, draft Draft) (Note, error) {
	now := time.Now().UTC().Truncate(time.Millisecond)
	result, err := s.writer.ExecContext(ctx,
		"INSERT INTO notes (title, body, created_at, updated_at) VALUES (?, ?, ?, ?)",
		draft.Title, draft.Body, now.UnixMilli(), now.UnixMilli())
	if err != nil {
		return Note{}, err
	}
	id, err := result.LastInsertId()
	return Note{ID: id, Title: draft.Title, Body: draft.Body, CreatedAt: now, UpdatedAt: now}, err
}

// Get returns one note, or ErrNotFound.
func (s *Store) Get(ctx context.Context, id int64) (Note, error) {
	return scanNote(s.reader.QueryRowContext(ctx,
		"SELECT "+noteColumns+" FROM notes WHERE id = ?", id))
}

// Update replaces title and body of a note and returns it as it now is, or ErrNotFound.
func (s *Store) Update(ctx context.Context, id int64, draft Draft) (Note, error) {
	tx, err := s.writer.BeginTx(ctx, nil)
	if err != nil {
		return Note{}, err
	}
	defer tx.Rollback()

	// max(): a clock that was set back must not make a note older than it is.
	if _, err := tx.ExecContext(ctx,
		"UPDATE notes SET title = ?, body = ?, updated_at = max(updated_at, ?) WHERE id = ?",
		draft.Title, draft.Body, time.Now().UnixMilli(), id); err != nil {
		return Note{}, err
	}
	note, err := scanNote(tx.QueryRowContext(ctx,
		"SELECT "+noteColumns+" FROM notes WHERE id = ?", id))
	if err != nil {
		return Note{}, err
	}
	return note, tx.Commit()
}

// Delete removes a note, or returns ErrNotFound.
func (s *Store) Delete(ctx context.Context, id int64) error {
	result, err := s.writer.ExecContext(ctx, "DELETE FROM notes WHERE id = ?", id)
	if err != nil {
		return err
	}
	if deleted, err := result.RowsAffected(); err != nil || deleted > 0 {
		return err
	}
	return ErrNotFound
}

// List returns a page of the notes, newest first, and how many notes there are in all.
func (s *Store) List(ctx context.Context, limit, offset int) (notes []Note, total int, err error) {
	// One read transaction: both queries see the same state.
	tx, err := s.reader.BeginTx(ctx, nil)
	if err != nil {
		return nil, 0, err
	}
	defer tx.Rollback()

	if err := tx.QueryRowContext(ctx, "SELECT count(*) FROM notes").Scan(&total); err != nil {
		return nil, 0, err
	}
	rows, err := tx.QueryContext(ctx,
		"SELECT "+noteColumns+" FROM notes ORDER BY id DESC LIMIT ? OFFSET ?", limit, offset)
	if err != nil {
		return nil, 0, err
	}
	defer rows.Close()

	notes = []Note{}
	for rows.Next() {
		note, err := scanNote(rows)
		if err != nil {
			return nil, 0, err
		}
		notes = append(notes, note)
	}
	return notes, total, rows.Err()
}
