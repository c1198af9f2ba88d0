// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package file_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"convscope/internal/file"
)

func TestJSON(t *testing.T) {
	var into struct {
		Cells []struct{ Source string }
		Other any
	}
	require.NoError(t, file.JSON([]byte(
		"\xef\xbb\xbf {\"cells\": [{\"source\": \"필터\"}], \"other\": 1.50}\n"), &into))
	require.Equal(t, "필터", into.Cells[0].Source)
	require.Equal(t, json.Number("1.50"), into.Other)
	for text, want := range map[string]string{
		"": "it is empty", " \n": "it is empty", `{"cells": "` + "\xff\xfe" + `"}`: "it is not UTF-8: save it as that",
		`[1]`:                        "its JSON is of another kind: array",
		`{"cells": [{"source": 5}]}`: "its JSON has cells.source as a number",
		`{"cells": [`:                "its JSON is cut off",
		"{}\n\n junk":                "more text after its end in line 3",
		"{\n\"a\": b}":               "it is not JSON, in line 2: invalid character 'b' looking for beginning of value",
	} {
		require.EqualError(t, file.JSON([]byte(text), &into), want, "%q", text)
	}
}
