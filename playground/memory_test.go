// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package playground_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"convscope/tools/browser"
)

// frames is a cell's beginning: it makes pictures as large as live ones.
const frames = `import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"image"
	"image/jpeg"
	"math/rand"
	"time"

	"convscope/display/page"
	"github.com/janpfeifer/gonb/gonbui"
)

func frame(i int) string {
	img := image.NewGray(image.Rect(0, 0, 150, 150))
	rand.New(rand.NewSource(int64(i))).Read(img.Pix)
	var b bytes.Buffer
	jpeg.Encode(&b, img, nil)
	return "data:image/jpeg;base64," + base64.StdEncoding.EncodeToString(b.Bytes())
}

func inDisplay(i int) {
	gonbui.UpdateHTML("frames", fmt.Sprintf("<img src=%q><p id=count>%d</p>", frame(i), i))
}

func inPanel() func(i int) {
	p, err := page.Open(context.Background(), page.Options{
		Markup: "<img data-name=picture><p id=count data-name=count></p><p data-note></p>"})
	if err != nil {
		panic(err)
	}
	return func(i int) {
		p.Set("picture", "src", frame(i))
		p.Set("count", "text", fmt.Sprint(i))
	}
}

%%
show := inDisplay
if PANEL {
	show = inPanel()
}
for i := range 1100 {
	show(i)
	time.Sleep(15 * time.Millisecond)
}
time.Sleep(4 * time.Second)
`

// TestMemoryStaysFlat shows a thousand frames both ways that live pictures take, and looks at what the browser keeps.
func TestMemoryStaysFlat(t *testing.T) {
	for name, panel := range map[string]string{"display": "false", "panel": "true"} {
		t.Run(name, func(t *testing.T) {
			s := onStage(t)
			file := "memory-" + name + ".ipynb"
			source := map[string]string{"playground": strings.Replace(frames, "PANEL", panel, 1)}
			p := s.visit(t, browser.Lab, file, s.lesson(t, "5-playground.ipynb", file, source))
			p.run("setup")
			p.must(p.Run(p.cell))
			p.must(p.Until(`Number(document.querySelector("#count")?.textContent) >= 100`, time.Minute))
			before, err := p.Memory()
			p.must(err)
			p.must(p.Until(`Number(document.querySelector("#count")?.textContent) >= 1099`, 2*time.Minute))
			after, err := p.Memory()
			p.must(err)
			t.Logf("after 100 frames %.1f MB and %d nodes, after 1100 %.1f MB and %d nodes",
				float64(before.Heap)/1e6, before.Nodes, float64(after.Heap)/1e6, after.Nodes)
			require.Less(t, after.Heap, before.Heap+5_000_000, "a frame is about 20 kB, a thousand of them 20 MB")
			require.Less(t, after.Nodes, before.Nodes+500)
		})
	}
}
