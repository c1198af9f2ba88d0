// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package playground_test

import (
	"bytes"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/require"

	"convscope/display"
	"convscope/tools/browser"
	"convscope/tools/jupyter"
)

// formCell serves two knobs; a drawing takes a moment, so that the next turn comes in the middle of it.
const formCell = `import (
	"context"
	"errors"
	"fmt"
	"image"
	"time"

	"convscope/display/control"
)

const late = 2 * time.Second

%%
values := control.MustServe([]control.Control{
	{Kind: control.Slider, Name: "gray", Label: "Gray", Max: 255, Whole: true, Value: "10"},
	{Name: "side", Label: "Side", Min: 8, Max: 64, Whole: true, Value: "16"},
	{Kind: control.File, Name: "photo", Label: "Photo"},
}, func(ctx context.Context, v control.Values) (image.Image, string, error) {
	time.Sleep(50 * time.Millisecond)
	if v.Int("side") == 13 {
		return nil, "", errors.New("thirteen\nis refused")
	}
	if v.Int("side") == 14 {
		time.Sleep(late)
		return nil, "", errors.New("fourteen is refused late")
	}
	photo, err := v.Photo("photo", image.NewGray(image.Rect(0, 0, 3, 2)))
	if err != nil {
		return nil, "", err
	}
	img := image.NewGray(image.Rect(0, 0, v.Int("side"), 8))
	for i := range img.Pix {
		img.Pix[i] = uint8(v.Int("gray"))
	}
	return img, fmt.Sprintf("gray %d, side %d, photo %v", v.Int("gray"), v.Int("side"), photo.Bounds().Size()), nil
})
fmt.Println("last values:", values["gray"], values["side"])
`

// TestForm turns the knobs of a lesson's own form.
func TestForm(t *testing.T) {
	s := onStage(t)
	p := s.visit(t, browser.Lab, "form.ipynb", s.lesson(t, "5-playground.ipynb", "form.ipynb",
		map[string]string{"playground": formCell}))
	p.run("setup")
	p.must(p.Run(p.cell))
	p.says("caption", "gray 10, side 16")
	p.must(p.Drag(at("gray"), 0.05, 0.9, 20))
	p.must(p.Focus(at("gray")))
	p.must(p.Key(kb.End))
	p.says("caption", "gray 255, side 16")
	p.must(p.Type(at("side"), "-4"))
	p.says("error", "Side: -4 is too small: give 8 to 64")
	p.must(p.Type(at("side"), "13"))
	p.says("error", "thirteen is refused")
	p.must(p.Type(at("side"), "14"))
	p.must(p.Type(at("side"), "-4"))
	p.says("error", "Side: -4 is too small: give 8 to 64")
	time.Sleep(5 * time.Second / 2) // in which the drawing of 14 ends
	require.Contains(t, p.text("error"), "-4 is too small")
	p.must(p.Type(at("side"), "32"))
	p.says("caption", "gray 255, side 32, photo (3,2)")
	wrong := filepath.Join(t.TempDir(), "photo.png")
	p.must(os.WriteFile(wrong, []byte("no picture"), 0o644))
	p.must(p.File(at("photo"), wrong))
	p.says("error", "is no picture that this browser can read")
	p.must(p.File(at("photo"), filepath.Join(s.clone, "docs", "block3_conv1.png")))
	p.says("caption", "gray 255, side 32, photo (202,202)")
	p.must(p.Click(".cs-form button"))
	p.must(p.Done(p.cell, time.Minute))
	p.must(s.server.Idle("form.ipynb", time.Minute))
	p.must(p.Save())
	text, err := os.ReadFile(filepath.Join(s.dir, "form.ipynb"))
	p.must(err)
	require.Contains(t, string(text), "last values: 255 32")
	require.NotContains(t, string(text), "cs-form")
	nb, err := jupyter.ReadNotebook(filepath.Join(s.dir, "form.ipynb"))
	p.must(err)
	pictures, err := nb.Pictures()
	p.must(err)
	last, err := png.DecodeConfig(bytes.NewReader(pictures[len(pictures)-1].Data))
	p.must(err)
	shown := display.Captioned([]image.Image{image.NewGray(image.Rect(0, 0, 32, 8))}, "gray 255, side 32").Bounds()
	require.Equal(t, shown.Size(), image.Pt(last.Width, last.Height), "enlarged, with its caption")
}

// TestCopiedCellRuns runs what "Copy as Go" shows in a kernel of its own, without a browser.
func TestCopiedCellRuns(t *testing.T) {
	s := onStage(t)
	p := s.open(t, browser.Lab, "copy.ipynb", small+", Filter: 5, Steps: 7")
	code := p.text("code")
	p.must(p.Click(at("done")))
	p.must(p.Done(p.cell, time.Minute))
	const nothing = "%%\nfmt.Println()"
	nb := s.lesson(t, "5-playground.ipynb", "copied.ipynb", map[string]string{"model": nothing, "compare": nothing,
		"playground": code, "after": nothing, "photo": nothing})
	done, err := s.env.Run(t.Context(), nb, jupyter.RunOptions{Dir: s.dir})
	p.must(err)
	text, err := done.JSON()
	p.must(err)
	require.Contains(t, string(text), "block2_conv1, filter 5")
	pictures, err := done.Pictures()
	p.must(err)
	require.Equal(t, 1, len(pictures))
}
