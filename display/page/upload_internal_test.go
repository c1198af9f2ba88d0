// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package page

import (
	"encoding/base64"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestPieces(t *testing.T) {
	piece := func(upload string, from int, text string) note {
		return note{Event: Event{Name: "@piece", Value: base64.StdEncoding.EncodeToString([]byte(text))},
			Upload: upload, From: from}
	}
	end := func(upload string, size int) note {
		return note{Event: Event{Name: "network", Kind: "change"}, Upload: upload, Size: size}
	}
	tests := map[string]struct {
		notes []note
		want  string
	}{
		"in order": {[]note{piece("a", 0, "net"), piece("a", 3, "work"), end("a", 7)}, "network"},
		"one comes again": {[]note{piece("a", 0, "net"), piece("a", 0, "net"), piece("a", 3, "work"), end("a", 7)},
			"network"},
		"one is lost":         {[]note{piece("a", 0, "net"), piece("a", 9, "work"), end("a", 13)}, ""},
		"another file":        {[]note{piece("a", 0, "net"), piece("b", 0, "other"), end("b", 5)}, "other"},
		"an older file's end": {[]note{piece("a", 0, "net"), piece("b", 0, "other"), end("a", 3)}, ""},
		"one without a name":  {[]note{piece("a", 0, "net"), {Upload: "a"}, end("a", 3)}, "net"},
		"too large to send":   {[]note{end("a", -1)}, ""},
		"no base64":           {[]note{{Event: Event{Name: "@piece", Value: "%"}, Upload: "a"}, end("a", 0)}, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			p := &Page{events: make(chan Event, 1), ended: make(chan struct{}), wake: make(chan struct{}, 1)}
			pieces := 0
			for _, n := range test.notes {
				p.take(n, nil)
				if n.Name == "@piece" {
					pieces++
				}
			}
			require.Equal(t, test.want, string((<-p.events).Data))
			require.Len(t, p.once, pieces, "each piece is answered")
		})
	}
}
