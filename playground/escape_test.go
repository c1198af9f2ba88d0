// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package playground_test

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"convscope/tools/browser"
)

// oddNames are names that HTML, a formula or a script could take for something else.
var oddNames = []string{
	`<script>window.pwned = 1</script>`, `"><img src=x onerror="window.pwned = 1">.png`, `q"uote's & <b>.png`,
	`a &amp; b.png`, `$\text{<img src=x onerror="window.pwned = 1">}$`, `costs $5 or $6.png`, `a%20b %d%s.png`,
	"한글 사진 üñí.png",
}

// oddCell shows a text in all ways, and then serves a form that has it as its control's name.
const oddCell = `import (
	"context"
	"image"

	"convscope/display"
	"convscope/display/control"
)

%%
texts := []string{TEXTS}
for _, text := range texts {
	display.Text("%s", text)
	display.Table([]string{text}, [][]string{{text}})
	display.Curve(text, []float32{1, 2})
	display.Image(image.NewGray(image.Rect(0, 0, 9, 9)), text)
}
controls := []control.Control{{Kind: control.File, Name: "photo", Label: texts[0], Hint: texts[1]}}
for _, text := range texts {
	knob := control.Control{Kind: control.Select, Name: text, Label: text, Options: texts, Value: text}
	controls = append(controls, knob)
}
control.MustServe(controls, func(ctx context.Context, v control.Values) (image.Image, string, error) {
	return image.NewGray(image.Rect(0, 0, 9, 9)), v[texts[2]], nil
})
`

// TestOddNames shows texts of all kinds in a real browser: each is there as it was written, and none of them runs. So
// in the exported page.
func TestOddNames(t *testing.T) {
	s := onStage(t)
	list, script := "", "["
	for _, name := range oddNames {
		list, script = list+strconv.Quote(name)+", ", script+strconv.Quote(name)+", "
	}
	script += "]"
	cell := map[string]string{"playground": strings.Replace(oddCell, "TEXTS", list, 1)}
	p := s.visit(t, browser.Lab, "odd.ipynb", s.lesson(t, "5-playground.ipynb", "odd.ipynb", cell))
	p.run("setup")
	p.must(p.Run(p.cell))
	p.says("caption", oddNames[2])
	asWritten := `(() => {
		const cells = [...document.querySelectorAll("table.mathjax_ignore td")].map((cell) => cell.textContent);
		return ` + script + `.every((text) => cells.includes(text)) &&
			document.querySelector("table.mathjax_ignore math, table.mathjax_ignore mjx-container") === null;
	})()`
	p.must(p.Until(asWritten, time.Minute))
	p.must(p.Until(`[...document.querySelectorAll(".cs-knob span")].map((span) => span.textContent).includes(`+
		strconv.Quote(oddNames[0])+`)`, time.Minute))

	// A control of such a name can be turned, and the picture's alternative text is its caption.
	p.must(p.Exec(`(() => {const knob = [...document.querySelectorAll("select[data-name]")].find((one) =>
		one.dataset.name === ` + strconv.Quote(oddNames[2]) + `);
		knob.value = ` + strconv.Quote(oddNames[4]) + `; knob.dispatchEvent(new Event("change", {bubbles: true}))})()`))
	p.says("caption", oddNames[4])
	p.must(p.Until(`document.querySelector('[data-name="picture"]').alt === `+strconv.Quote(oddNames[4]), time.Minute))

	// A file that is no picture is named as it is called.
	wrong := filepath.Join(t.TempDir(), `<b> & $x$ q"uote's.png`)
	p.must(os.WriteFile(wrong, []byte("no picture"), 0o644))
	p.must(p.File(at("photo"), wrong))
	p.says("error", `<b> & $x$ q`)
	p.silent()

	p.must(p.Click(".cs-form button"))
	p.must(p.Done(p.cell, time.Minute))
	p.must(p.Save())
	export := filepath.Join(s.dir, "odd.html")
	p.must(s.env.HTML(t.Context(), filepath.Join(s.dir, "odd.ipynb"), export))
	p.must(p.Goto("file://" + export))
	p.must(p.Until(asWritten, time.Minute))
	p.silent()
}

// silent checks that no text was run.
func (p *panel) silent() {
	p.t.Helper()
	ran, err := browser.Eval[bool](p.Page, `window.pwned !== undefined`)
	p.must(err)
	require.False(p.t, ran)
}
