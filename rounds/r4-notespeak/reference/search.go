package main

import (
	"context"
	"crypto/rand"
	"html"
	"strings"
	"unicode"
)

const (
	maxWords     = 32 // words of a query that count
	snippetWords = 24
)

// Hit is one search result. TitleHTML and Snippet are safe HTML whose only tags are <mark>.
type Hit struct {
	ID        int64   `json:"id"`
	Title     string  `json:"title"`
	TitleHTML string  `json:"title_html"`
	Snippet   string  `json:"snippet"`
	Score     float64 `json:"score"`
}

// FTS5 puts these around each matching word. Notes are escaped only after that, so the marks must
// survive escaping and must not occur in a note: random text does both.
var (
	markOpen  = "[" + rand.Text() + "["
	markClose = "]" + rand.Text() + "]"
	marks     = strings.NewReplacer(markOpen, "<mark>", markClose, "</mark>")
)

func markedHTML(marked string) string {
	return marks.Replace(html.EscapeString(marked))
}

// matchExpression turns what a user typed into an FTS5 query that asks for every word as a prefix,
// or into "" if there is no word in it. Each word is a quoted string, and no word can hold a quote,
// so nothing the user types is ever taken for query syntax.
func matchExpression(typed string) string {
	words := strings.FieldsFunc(typed, func(r rune) bool { // invalid UTF-8 comes as U+FFFD, a symbol
		return !unicode.In(r, unicode.Letter, unicode.Number, unicode.Mark)
	})
	var terms []string
	for _, word := range words {
		if len(terms) == maxWords {
			break
		}
		if strings.ContainsFunc(word, isLetterOrNumber) { // not a stray combining mark
			terms = append(terms, `"`+word+`"*`)
		}
	}
	return strings.Join(terms, " AND ")
}

func isLetterOrNumber(r rune) bool {
	return unicode.In(r, unicode.Letter, unicode.Number)
}

// Search returns the best notes for what a user typed, and how many notes match in all.
func (s *Store) Search(ctx context.Context, typed string, limit int) (hits []Hit, total int, err error) {
	hits = []Hit{}
	expression := matchExpression(typed)
	if expression == "" {
		return hits, 0, nil
	}

	tx, err := s.reader.BeginTx(ctx, nil)
	if err != nil {
		return nil, 0, err
	}
	defer tx.Rollback()

	if err := tx.QueryRowContext(ctx,
		"SELECT count(*) FROM notes_index WHERE notes_index MATCH ?", expression,
	).Scan(&total); err != nil {
		return nil, 0, err
	}
	rows, err := tx.QueryContext(ctx, `
		SELECT rowid, title,
		       highlight(notes_index, 0, ?2, ?3),
		       snippet(notes_index, 1, ?2, ?3, '…', ?4),
		       -bm25(notes_index, 5.0, 1.0) AS score
		FROM notes_index
		WHERE notes_index MATCH ?1
		ORDER BY score DESC, rowid DESC
		LIMIT ?5`,
		expression, markOpen, markClose, snippetWords, limit)
	if err != nil {
		return nil, 0, err
	}
	defer rows.Close()

	for rows.Next() {
		var hit Hit
		var title, snippet string
		if err := rows.Scan(&hit.ID, &hit.Title, &title, &snippet, &hit.Score); err != nil {
			return nil, 0, err
		}
		hit.TitleHTML, hit.Snippet = markedHTML(title), markedHTML(snippet)
		hits = append(hits, hit)
	}
	return hits, total, rows.Err()
}
