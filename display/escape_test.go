// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package display_test

import (
	"encoding/xml"
	"html"
	"image"
	"io"
	"math"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"convscope/display"
)

// odd are texts as users' files and classes have them: names that HTML, a formula or a script could take for something
// else.
var odd = []string{
	`<script>window.pwned = 1</script>`, `"><img src=x onerror="window.pwned = 1">`, `q"uote's & <b>.png`,
	`a &amp; b &lt;i&gt;`, `$\text{<script>window.pwned = 1</script>}$`, `costs $5 or $6`, `a%20b %d%s.png`,
	"new\nline\tand tab.png", "한글 사진 üñí\u0301.png", "</script><script>window.pwned = 1</script>",
	`\(x\) $$y$$`, "\u202egnp.exe",
}

// TestTextIsEscapedOnce reads each text back from what is shown of it.
func TestTextIsEscapedOnce(t *testing.T) {
	film := filmed(t, display.FilmOptions{}, 2, 0, 1)
	for _, text := range odd {
		t.Run(text, func(t *testing.T) {
			for name, page := range map[string]string{
				"table": display.TableHTML([]string{text}, [][]string{{text}}),
				"film":  display.FilmHTML(film, text),
				"bar":   display.BarHTML(text, 1, 2),
			} {
				require.Contains(t, page, `class="mathjax_ignore tex2jax_ignore"`, name)
				markup, _, _ := strings.Cut(page, "<script>(") // the player's own
				require.NotContains(t, markup, "<script", name)
				require.NotContains(t, markup, "<img src=x", name)
				require.Contains(t, html.UnescapeString(tags.ReplaceAllString(markup, "")), text, name)
			}
			require.Contains(t, display.TableHTML(nil, [][]string{{text}}), ">"+html.EscapeString(text)+"</td>")

			svg, err := display.CurveSVG(text, []float32{1, 2})
			require.NoError(t, err)
			var shown strings.Builder
			for decoder := xml.NewDecoder(strings.NewReader(svg)); ; {
				token, err := decoder.Token()
				if err == io.EOF {
					break
				}
				require.NoError(t, err)
				if letters, is := token.(xml.CharData); is {
					shown.Write(letters)
				}
			}
			require.Contains(t, shown.String(), strings.ReplaceAll(text, "\n", ""), "lines are broken by elements")
		})
	}
}

// TestCurveOfAnyValues draws what is no number not at all, and long runs in bounded form.
func TestCurveOfAnyValues(t *testing.T) {
	nan, infinite := float32(math.NaN()), float32(math.Inf(1))
	for name, values := range map[string][]float32{
		"NaN first": {nan, 1, 2}, "infinities": {1, infinite, -infinite, 3}, "one": {4}, "huge": {-3e38, 3e38},
		"tiny": {1e-45, 2e-45}, "a million": make([]float32, 1_000_000),
		"huge and flat": {3e38, 3e38}, "nearly flat": {1e30, math.Nextafter32(1e30, 2e30)},
	} {
		svg, err := display.CurveSVG("values", values)
		require.NoError(t, err, name)
		require.NotContains(t, svg, "NaN", name)
		require.Less(t, len(svg), 100_000, name)
	}
	_, err := display.CurveSVG("nothing", []float32{nan, infinite})
	require.ErrorContains(t, err, "no finite number")
}

// TestCurveHasTicks labels two values or more beside the curve, so that its height can be read.
func TestCurveHasTicks(t *testing.T) {
	for _, values := range [][]float32{{0.02, 1.14}, {0, 1}, {-3, 2}, {0.96, 1.05}, {7, 7}, {0, 19.9}, {1, 41},
		{-37, 660}} {
		svg, err := display.CurveSVG("loss", values)
		require.NoError(t, err)
		labels := regexp.MustCompile(`text-anchor="end"[^>]*>((?s:.*?))</g>`).FindString(svg)
		require.GreaterOrEqual(t, strings.Count(labels, "<text"), 2, "%v: %s", values, svg)
		for _, label := range strings.Fields(tags.ReplaceAllString(labels, " ")) {
			require.NotEqual(t, "-0", label, "%v", values)
		}
	}
}

// TestCurveIsTheSame draws the same values in the same bytes, each number of a step once.
func TestCurveIsTheSame(t *testing.T) {
	across := regexp.MustCompile(`<g [^>]*dominant-baseline="hanging"[^>]*>(?s:.*?)</g>`)
	for _, values := range [][]float32{{1}, {1, 2}, {1, 2, 3}, {1, 2, 3, 4}, {5, 4, 3, 2, 1}, make([]float32, 40)} {
		first, err := display.CurveSVG(`loss "x" a="b"`, values)
		require.NoError(t, err)
		numbers := strings.Fields(tags.ReplaceAllString(across.FindString(first), " "))
		require.Greater(t, len(numbers), 2)
		require.Len(t, slices.Compact(slices.Clone(numbers)), len(numbers), "%v: %v", values, numbers)
		for range 10 {
			again, err := display.CurveSVG(`loss "x" a="b"`, values)
			require.NoError(t, err)
			require.Equal(t, first, again)
		}
	}
}

// tags are what a browser does not show.
var tags = regexp.MustCompile(`<[^>]*>`)

// TestOneLineOfManyLines keeps names of several lines on one.
func TestOneLineOfManyLines(t *testing.T) {
	const name = "new\nline\ttab.png"
	require.Equal(t, "name              n\nnew line tab.png  1\n",
		shown(t, func() { display.Table([]string{"name", "n"}, [][]string{{name, "1"}}) }))
	require.Equal(t, "[picture, 1x1 pixels: new line tab.png]\n",
		shown(t, func() { display.Image(image.NewGray(image.Rect(0, 0, 1, 1)), name) }))
}
