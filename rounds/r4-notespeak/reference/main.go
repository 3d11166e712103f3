// Command notespeak is a notes app: a JSON API with full-text search and one web page,
// over a single SQLite file.
package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// shutdownGrace leaves a second of the five that a supervisor grants for closing the database.
const shutdownGrace = 4 * time.Second

func main() {
	if err := run(); err != nil {
		slog.Error("notespeak stopped", "error", err)
		os.Exit(1)
	}
}

func run() (err error) {
	port, path := os.Getenv("PORT"), os.Getenv("NOTESPEAK_DB")
	if port == "" || path == "" {
		return errors.New("set PORT and NOTESPEAK_DB")
	}

	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()

	store, err := OpenStore(ctx, path)
	if err != nil {
		return fmt.Errorf("open %s: %w", path, err)
	}
	defer func() { err = errors.Join(err, store.Close()) }()

	server := &http.Server{
		Addr:              net.JoinHostPort("127.0.0.1", port),
		Handler:           NewHandler(store),
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       30 * time.Second,
		IdleTimeout:       time.Minute,
	}
	failed := make(chan error, 1)
	go func() { failed <- server.ListenAndServe() }()

	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	stop() // a second signal ends the process at once

	grace, cancel := context.WithTimeout(context.Background(), shutdownGrace)
	defer cancel()
	return server.Shutdown(grace)
}
