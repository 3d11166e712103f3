package main

import (
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"strconv"
)

const maxRequest = 1 << 20 // bytes

//go:embed web
var webFiles embed.FS

// statusError is an error that the client caused and may read.
type statusError struct {
	status  int
	message string
}

func (e *statusError) Error() string { return e.message }

var errNoRoute = &statusError{http.StatusNotFound, "no such path"}

// api handles a request by returning the status and the JSON value to answer with (nil: no body).
type api func(w http.ResponseWriter, r *http.Request) (status int, value any, err error)

func (handle api) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	status, value, err := handle(w, r)
	if err != nil {
		status, value = describe(r, err)
	}
	if value == nil {
		w.WriteHeader(status)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	if err := json.NewEncoder(w).Encode(value); err != nil {
		slog.Warn("answer not sent", "path", r.URL.Path, "error", err)
	}
}

func describe(r *http.Request, err error) (status int, value any) {
	status, message := http.StatusInternalServerError, "internal error"
	if expected, ok := errors.AsType[*statusError](err); ok {
		status, message = expected.status, expected.message
	} else if errors.Is(err, ErrNotFound) {
		status, message = http.StatusNotFound, err.Error()
	} else {
		slog.Error("request failed", "method", r.Method, "path", r.URL.Path, "error", err)
	}
	return status, map[string]string{"error": message}
}

// NewHandler serves the API and the page over store.
func NewHandler(store *Store) http.Handler {
	mux := http.NewServeMux()

	mux.Handle("GET /api/notes", list(store))
	mux.Handle("POST /api/notes", create(store))
	mux.Handle("/api/notes", wrongMethod("GET, HEAD, POST"))

	mux.Handle("GET /api/notes/{id}", get(store))
	mux.Handle("PUT /api/notes/{id}", update(store))
	mux.Handle("DELETE /api/notes/{id}", remove(store))
	mux.Handle("/api/notes/{id}", wrongMethod("GET, HEAD, PUT, DELETE"))

	mux.Handle("GET /api/search", search(store))
	mux.Handle("/api/search", wrongMethod("GET, HEAD"))

	mux.Handle("/api/", api(func(http.ResponseWriter, *http.Request) (int, any, error) {
		return 0, nil, errNoRoute
	}))

	web, err := fs.Sub(webFiles, "web")
	if err != nil {
		panic(err) // the folder is compiled in
	}
	mux.Handle("/", http.FileServerFS(web))
	return withSecurityHeaders(mux)
}

func withSecurityHeaders(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", "default-src 'self'; img-src data:")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		next.ServeHTTP(w, r)
	})
}

func wrongMethod(allow string) api {
	return func(w http.ResponseWriter, r *http.Request) (int, any, error) {
		w.Header().Set("Allow", allow)
		return 0, nil, &statusError{http.StatusMethodNotAllowed, "use one of " + allow}
	}
}

func list(store *Store) api {
	return func(_ http.ResponseWriter, r *http.Request) (int, any, error) {
		limit, err := numberParam(r, "limit", 20, 1, 100)
		if err != nil {
			return 0, nil, err
		}
		offset, err := numberParam(r, "offset", 0, 0, 1<<31-1)
		if err != nil {
			return 0, nil, err
		}
		notes, total, err := store.List(r.Context(), limit, offset)
		return http.StatusOK, map[string]any{"notes": notes, "total": total}, err
	}
}

func create(store *Store) api {
	return func(w http.ResponseWriter, r *http.Request) (int, any, error) {
		draft, err := readDraft(w, r)
		if err != nil {
			return 0, nil, err
		}
		note, err := store.Create(r.Context(), draft)
		if err != nil {
			return 0, nil, err
		}
		w.Header().Set("Location", fmt.Sprintf("/api/notes/%d", note.ID))
		return http.StatusCreated, note, nil
	}
}

func get(store *Store) api {
	return func(_ http.ResponseWriter, r *http.Request) (int, any, error) {
		id, err := noteID(r)
		if err != nil {
			return 0, nil, err
		}
		note, err := store.Get(r.Context(), id)
		return http.StatusOK, note, err
	}
}

func update(store *Store) api {
	return func(w http.ResponseWriter, r *http.Request) (int, any, error) {
		id, err := noteID(r)
		if err != nil {
			return 0, nil, err
		}
		draft, err := readDraft(w, r)
		if err != nil {
			return 0, nil, err
		}
		note, err := store.Update(r.Context(), id, draft)
		return http.StatusOK, note, err
	}
}

func remove(store *Store) api {
	return func(_ http.ResponseWriter, r *http.Request) (int, any, error) {
		id, err := noteID(r)
		if err != nil {
			return 0, nil, err
		}
		return http.StatusNoContent, nil, store.Delete(r.Context(), id)
	}
}

func search(store *Store) api {
	return func(_ http.ResponseWriter, r *http.Request) (int, any, error) {
		limit, err := numberParam(r, "limit", 10, 1, 50)
		if err != nil {
			return 0, nil, err
		}
		hits, total, err := store.Search(r.Context(), r.URL.Query().Get("q"), limit)
		return http.StatusOK, map[string]any{"results": hits, "total": total}, err
	}
}

// noteID reads the id in the path. What is no id names no note.
func noteID(r *http.Request) (int64, error) {
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil {
		return 0, ErrNotFound
	}
	return id, nil
}

func numberParam(r *http.Request, name string, fallback, least, most int) (int, error) {
	query := r.URL.Query()
	if !query.Has(name) {
		return fallback, nil
	}
	number, err := strconv.Atoi(query.Get(name))
	if err != nil || number < least || number > most {
		return 0, &statusError{http.StatusBadRequest,
			fmt.Sprintf("%s must be a whole number from %d to %d", name, least, most)}
	}
	return number, nil
}

func readDraft(w http.ResponseWriter, r *http.Request) (Draft, error) {
	var draft Draft
	decoder := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxRequest))
	err := decoder.Decode(&draft)
	if err == nil {
		// One object and nothing after it; reading to the end also finds a body that is too large.
		if _, err = decoder.Token(); err == nil {
			err = errors.New("text after the JSON object")
		} else if errors.Is(err, io.EOF) {
			err = nil
		}
	}
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return draft, &statusError{http.StatusRequestEntityTooLarge, "request is larger than 1 MiB"}
	}
	if err != nil {
		return draft, &statusError{http.StatusBadRequest, "expected a JSON note: " + err.Error()}
	}
	if err := draft.Clean(); err != nil {
		return draft, &statusError{http.StatusUnprocessableEntity, err.Error()}
	}
	return draft, nil
}
