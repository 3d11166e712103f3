package main

import (
	"embed"
	"log"
	"net/http"
	"os"
)

//go:embed index.html
var page embed.FS

func main() {
	port := os.Getenv("PORT")
	if port == "" {
		port = "8080"
	}
	path := os.Getenv("NOTESPEAK_DB")
	if path == "" {
		path = "notespeak.db"
	}

	db, err := openDB(path)
	if err != nil {
		log.Fatal(err)
	}
	defer db.Close()

	app := &App{db: db}
	mux := http.NewServeMux()
	mux.HandleFunc("/api/notes", app.notes)
	mux.HandleFunc("/api/notes/{id}", app.note)
	mux.HandleFunc("/api/search", app.search)
	mux.HandleFunc("/api/", func(w http.ResponseWriter, r *http.Request) {
		writeError(w, http.StatusNotFound, "not found")
	})
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/" {
			http.NotFound(w, r)
			return
		}
		http.ServeFileFS(w, r, page, "index.html")
	})

	log.Println("listening on port", port)
	log.Fatal(http.ListenAndServe("127.0.0.1:"+port, mux))
}
