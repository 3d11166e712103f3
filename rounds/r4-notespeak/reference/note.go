package main

import (
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

// Limits of a note, in code points.
const (
	maxTitle = 200
	maxBody  = 20_000
)

// ErrNotFound says that there is no note with the given id.
var ErrNotFound = errors.New("no such note")

// Note is a stored note.
type Note struct {
	ID        int64     `json:"id"`
	Title     string    `json:"title"`
	Body      string    `json:"body"`
	CreatedAt time.Time `json:"created_at"`
	UpdatedAt time.Time `json:"updated_at"`
}

// Draft is what a client may set in a note.
type Draft struct {
	Title string `json:"title"`
	Body  string `json:"body"`
}

// Clean trims the title and reports the first limit that the draft breaks.
func (d *Draft) Clean() error {
	d.Title = strings.TrimSpace(d.Title)
	switch {
	case d.Title == "":
		return errors.New("title must not be empty")
	case utf8.RuneCountInString(d.Title) > maxTitle:
		return fmt.Errorf("title must not be longer than %d characters", maxTitle)
	case utf8.RuneCountInString(d.Body) > maxBody:
		return fmt.Errorf("body must not be longer than %d characters", maxBody)
	}
	return nil
}
