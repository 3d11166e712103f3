package main

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

type App struct {
	db *sql.DB
}

type Note struct {
	ID        int64  `json:"id"`
	Title     string `json:"title"`
	Body      string `json:"body"`
	CreatedAt string `json:"created_at"`
	UpdatedAt string `json:"updated_at"`
}

type SearchResult struct {
	ID        int64   `json:"id"`
	Title     string  `json:"title"`
	TitleHTML string  `json:"title_html"`
	Snippet   string  `json:"snippet"`
	Score     float64 `json:"score"`
}

func writeJSON(w http.ResponseWriter, status int, value any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(value)
}

func writeError(w http.ResponseWriter, status int, message string) {
	writeJSON(w, status, map[string]string{"error": message})
}

// intParam returns the query parameter, or ok=false if it is out of range.
func intParam(r *http.Request, name string, def, min, max int) (int, bool) {
	value := r.URL.Query().Get(name)
	if value == "" {
		return def, true
	}
	n, err := strconv.Atoi(value)
	if err != nil || n < min || n > max {
		return 0, false
	}
	return n, true
}

// readNote reads and validates the request body; it has answered if ok is false.
func readNote(w http.ResponseWriter, r *http.Request) (title, body string, ok bool) {
	data, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<20))
	if err != nil {
		writeError(w, http.StatusRequestEntityTooLarge, "request body too large")
		return "", "", false
	}
	var input struct {
		Title string `json:"title"`
		Body  string `json:"body"`
	}
	if err := json.Unmarshal(data, &input); err != nil {
		writeError(w, http.StatusBadRequest, "invalid JSON")
		return "", "", false
	}
	title = strings.TrimSpace(input.Title)
	if title == "" {
		writeError(w, http.StatusUnprocessableEntity, "title is required")
		return "", "", false
	}
	if len(title) > 200 {
		writeError(w, http.StatusUnprocessableEntity, "title is too long")
		return "", "", false
	}
	if len(input.Body) > 20000 {
		writeError(w, http.StatusUnprocessableEntity, "body is too long")
		return "", "", false
	}
	return title, input.Body, true
}

func (a *App) getNote(id int64) (Note, error) {
	var n Note
	err := a.db.QueryRow(
		"SELECT id, title, body, created_at, updated_at FROM notes WHERE id = ?", id,
	).Scan(&n.ID, &n.Title, &n.Body, &n.CreatedAt, &n.UpdatedAt)
	return n, err
}

func now() string {
	return time.Now().UTC().Format(time.RFC3339)
}

func (a *App) notes(w http.ResponseWriter, r *http.Request) {
	switch r.Method {
	case http.MethodGet:
		a.listNotes(w, r)
	case http.MethodPost:
		a.createNote(w, r)
	default:
		w.Header().Set("Allow", "GET, POST")
		writeError(w, http.StatusMethodNotAllowed, "method not allowed")
	}
}

func (a *App) listNotes(w http.ResponseWriter, r *http.Request) {
	limit, ok := intParam(r, "limit", 20, 1, 100)
	if !ok {
		writeError(w, http.StatusBadRequest, "invalid limit")
		return
	}
	offset, ok := intParam(r, "offset", 0, 0, 1<<30)
	if !ok {
		writeError(w, http.StatusBadRequest, "invalid offset")
		return
	}
	var total int
	if err := a.db.QueryRow("SELECT COUNT(*) FROM notes").Scan(&total); err != nil {
		writeError(w, http.StatusInternalServerError, err.Error())
		return
	}
	rows, err := a.db.Query(
		"SELECT id, title, body, created_at, updated_at FROM notes ORDER BY id DESC LIMIT ? OFFSET ?",
		limit, offset)
	if err != nil {
		writeError(w, http.StatusInternalServerError, err.Error())
		return
	}
	defer rows.Close()
	notes := []Note{}
	for rows.Next() {
		var n Note
		if err := rows.Scan(&n.ID, &n.Title, &n.Body, &n.CreatedAt, &n.UpdatedAt); err != nil {
			writeError(w, http.StatusInternalServerError, err.Error())
			return
		}
		notes = append(notes, n)
	}
	writeJSON(w, http.StatusOK, map[string]any{"notes": notes, "total": total})
}

func (a *App) createNote(w http.ResponseWriter, r *http.Request) {
	title, body, ok := readNote(w, r)
	if !ok {
		return
	}
	created := now()
	result, err := a.db.Exec(
		"INSERT INTO notes (title, body, created_at, updated_at) VALUES (?, ?, ?, ?)",
		title, body, created, created)
	if err != nil {
		writeError(w, http.StatusInternalServerError, err.Error())
		return
	}
	id, _ := result.LastInsertId()
	w.Header().Set("Location", fmt.Sprintf("/api/notes/%d", id))
	writeJSON(w, http.StatusCreated, Note{id, title, body, created, created})
}

func (a *App) note(w http.ResponseWriter, r *http.Request) {
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil {
		writeError(w, http.StatusNotFound, "note not found")
		return
	}
	switch r.Method {
	case http.MethodGet:
	case http.MethodPut:
		title, body, ok := readNote(w, r)
		if !ok {
			return
		}
		if _, err := a.db.Exec("UPDATE notes SET title = ?, body = ?, updated_at = ? WHERE id = ?",
			title, body, now(), id); err != nil {
			writeError(w, http.StatusInternalServerError, err.Error())
			return
		}
	case http.MethodDelete:
		result, err := a.db.Exec("DELETE FROM notes WHERE id = ?", id)
		if err != nil {
			writeError(w, http.StatusInternalServerError, err.Error())
			return
		}
		if n, _ := result.RowsAffected(); n == 0 {
			writeError(w, http.StatusNotFound, "note not found")
			return
		}
		w.WriteHeader(http.StatusNoContent)
		return
	default:
		w.Header().Set("Allow", "GET, PUT, DELETE")
		writeError(w, http.StatusMethodNotAllowed, "method not allowed")
		return
	}

	n, err := a.getNote(id)
	if errors.Is(err, sql.ErrNoRows) {
		writeError(w, http.StatusNotFound, "note not found")
		return
	}
	if err != nil {
		writeError(w, http.StatusInternalServerError, err.Error())
		return
	}
	writeJSON(w, http.StatusOK, n)
}

func (a *App) search(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet {
		w.Header().Set("Allow", "GET")
		writeError(w, http.StatusMethodNotAllowed, "method not allowed")
		return
	}
	limit, ok := intParam(r, "limit", 10, 1, 50)
	if !ok {
		writeError(w, http.StatusBadRequest, "invalid limit")
		return
	}

	results := []SearchResult{}
	words := strings.Fields(r.URL.Query().Get("q"))
	if len(words) == 0 {
		writeJSON(w, http.StatusOK, map[string]any{"results": results, "total": 0})
		return
	}
	// Prefix search on every word.
	match := strings.Join(words, "* ") + "*"

	var total int
	err := a.db.QueryRow("SELECT COUNT(*) FROM notes_fts WHERE notes_fts MATCH ?", match).Scan(&total)
	if err != nil {
		writeError(w, http.StatusInternalServerError, err.Error())
		return
	}
	rows, err := a.db.Query(`
		SELECT rowid, title,
		       highlight(notes_fts, 0, '<mark>', '</mark>'),
		       snippet(notes_fts, 1, '<mark>', '</mark>', '…', 24),
		       -bm25(notes_fts, 5.0, 1.0) AS score
		FROM notes_fts
		WHERE notes_fts MATCH ?
		ORDER BY score DESC, rowid DESC
		LIMIT ?`, match, limit)
	if err != nil {
		writeError(w, http.StatusInternalServerError, err.Error())
		return
	}
	defer rows.Close()
	for rows.Next() {
		var s SearchResult
		if err := rows.Scan(&s.ID, &s.Title, &s.TitleHTML, &s.Snippet, &s.Score); err != nil {
			writeError(w, http.StatusInternalServerError, err.Error())
			return
		}
		results = append(results, s)
	}
	writeJSON(w, http.StatusOK, map[string]any{"results": results, "total": total})
}
