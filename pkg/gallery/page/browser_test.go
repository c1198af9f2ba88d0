// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package page_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/require"

	"convscope/internal/level"
	"convscope/tools/browser"
)

// odd is a layer's name that an address, HTML and a file system would each take for something else.
const odd = `res/5a:branch%2 #?<b>&amp;`

// visit is a gallery that is open in a browser.
type visit struct {
	*browser.Page
	t     *testing.T
	watch *browser.Watch
}

// open opens a gallery from the disk, and wants nothing to have gone wrong at the end, and nothing to have been asked
// for elsewhere.
func open(t *testing.T, dir string) visit {
	t.Helper()
	v := visit{browser.TestTab(t), t, nil}
	var err error
	v.watch, err = v.Watch()
	require.NoError(t, err)
	v.must(v.Resize(1400, 900))
	v.must(v.Goto(address(dir)))
	v.waits("document.querySelector('main h1')")
	t.Cleanup(func() {
		require.Empty(t, v.watch.Complaints())
		require.Empty(t, v.watch.Requests("file://"+filepath.ToSlash(dir)+"/", "data:"))
	})
	return v
}

// in is the same for a part of the test.
func (v visit) in(t *testing.T) visit { return visit{v.Page, t, v.watch} }

func (v visit) must(err error) {
	v.t.Helper()
	require.NoError(v.t, err)
}

func (v visit) waits(script string, args ...any) {
	v.t.Helper()
	v.must(v.Until(fmt.Sprintf(script, args...), time.Minute))
}

// at waits until the page is that of a hash, with that as its heading.
func (v visit) at(hash, heading string) {
	v.t.Helper()
	v.waits("(location.hash || '#') === %q && document.querySelector('main h1').textContent.includes(%q)", hash, heading)
}

// on waits until the tile with that number has the focus.
func (v visit) on(filter int) {
	v.t.Helper()
	v.waits("document.activeElement.matches('#wall a') && document.activeElement.dataset.index === '%d'", filter)
}

func (v visit) keys(keys ...string) {
	v.t.Helper()
	v.must(v.Key(keys...))
}

// text is what an element says.
func (v visit) text(selector string) string {
	v.t.Helper()
	text, err := browser.Eval[string](v.Page, fmt.Sprintf("document.querySelector(%q)?.textContent ?? ''", selector))
	v.must(err)
	return text
}

// shows are the numbers on the wall, in the page's order.
func (v visit) shows() []string {
	v.t.Helper()
	list, err := browser.Eval[[]string](v.Page, "[...document.querySelectorAll('#wall a')].map((a) => a.dataset.index)")
	v.must(err)
	return list
}

// TestReadersWay goes through a gallery by keyboard and by links.
func TestReadersWay(t *testing.T) {
	dir := newSample(t, 40, "block1_conv1", "block1_conv2", odd)
	v := open(t, dir)
	step := func(name string, test func(t *testing.T)) { // each begins where the one before has ended
		if !t.Run(name, test) {
			t.FailNow()
		}
	}
	const oddHash = "#res%2F5a%3Abranch%252%20%23%3F%3Cb%3E%26amp%3B"

	step("map", func(t *testing.T) {
		v := v.in(t)
		v.at("#", "sample")
		require.Contains(t, v.text(".facts"), "120")
		first := v.watch.Requests("data:")
		require.Len(t, first, 4+3, "the page, style, script, the network and three previews: %s", first)
		require.Equal(t, []string{"block1_conv1", "block1_conv2", odd}, texts(v, ".card .name"))
		require.Equal(t, []string{"input", "pool"}, texts(v, ".quiet .name"))
		v.must(v.Click(".check input"))
		v.waits("document.querySelectorAll('.quiet').length === 1")
		v.keys(kb.ArrowDown, kb.ArrowDown, kb.Enter)
		v.at("#block1_conv2", "block1_conv2")
		v.must(v.Exec("history.back()"))
		v.at("#", "sample")
	})
	step("search", func(t *testing.T) {
		v := v.in(t)
		v.keys("/")
		v.waits("document.activeElement.id === 'query'")
		v.keys("9")
		v.waits("document.querySelectorAll('#results li').length === 3")
		v.keys(kb.ArrowDown, kb.ArrowDown, kb.Enter)
		v.at(oddHash+"/9", "filter 9")
		require.Contains(t, v.text("h1"), odd, "as text")
		v.keys("/", "C", "O", "N", "V", "2", "/", "3", kb.Enter)
		v.at("#block1_conv2/3", "filter 3")
		v.keys("/", "n", "o", "n", "e")
		v.waits("document.querySelector('dialog .note').textContent.includes('Nothing')")
		v.keys(kb.Enter, kb.Escape)
		v.waits("!document.querySelector('dialog')")
		v.at("#block1_conv2/3", "filter 3")
	})
	step("a filter's page", func(t *testing.T) {
		v := v.in(t)
		v.waits("document.querySelectorAll('.neighbors').length === 3")
		require.Equal(t, []string{"Patterns", "In photographs", "How strongly it answers", "Fed by block1_conv1",
			"Feeds " + odd, "Answers alike", "Make it again"}, texts(v, "main h2:not(.hidden)"))
		require.Len(t, texts(v, ".shots button"), 4)
		require.Len(t, texts(v, ".examples li"), 4)
		v.waits("!document.querySelector('.film').hidden && document.querySelector('.film input').max === '5'")
		require.Contains(t, v.text(".chart"), "3.33 times its strongest answer to a photograph")
		broken, err := browser.Eval[int](v.Page, "[...document.images].filter((i) => i.complete && !i.naturalWidth).length")
		v.must(err)
		require.Zero(t, broken)
		v.must(v.Click(".shots button:nth-child(2)"))
		v.waits("document.querySelector('#portrait img').src.endsWith('-negative.png')")
		v.waits("document.querySelector('#live').textContent.includes('least excited')")
		v.must(v.Click(".again button"))
		v.waits("/Copied|Selected/.test(document.querySelector('.again button').textContent)")
		v.must(v.Click(".neighbors .neighbor a"))
		v.at("#block1_conv1/3", "filter 3")
		require.NotContains(t, texts(v, "main h2"), "Fed by", "the input is no layer of filters")
	})
	step("arrows", func(t *testing.T) {
		v := v.in(t)
		v.keys(kb.ArrowRight)
		v.at("#block1_conv1/4", "filter 4")
		v.keys(kb.ArrowLeft, kb.ArrowLeft)
		v.at("#block1_conv1/2", "filter 2")
		require.Contains(t, v.text(".verdict"), "It has no pattern: it stays silent: no picture of gray levels")
		v.waits("!document.querySelector('.film') && !document.querySelector('.scores')")
		v.keys(kb.Escape)
		v.at("#block1_conv1", "block1_conv1")
		v.on(2)
		v.keys(kb.ArrowDown, kb.ArrowRight)
		columns := slices.IndexFunc(tops(v), func(top float64) bool { return top > 0 })
		v.on(2 + columns + 1)
		v.keys(kb.End)
		v.on(39)
		v.keys(kb.ArrowRight)
		v.on(39)
		v.keys(kb.Home, kb.ArrowUp)
		v.on(0)
		v.keys(kb.Enter)
		v.at("#block1_conv1/0", "filter 0")
		v.keys(kb.Escape, kb.Escape)
		v.at("#", "sample")
	})
	step("sorted and filtered", func(t *testing.T) {
		v := v.in(t)
		v.keys("/")
		v.keys("c", "o", "n", "v", "1", kb.Enter)
		v.at("#block1_conv1", "block1_conv1")
		v.must(v.Exec(`(() => {
			const sort = document.querySelector("#sort");
			sort.value = "likeness";
			sort.dispatchEvent(new Event("change"));
		})()`))
		v.waits("document.querySelectorAll('#wall a')[1].dataset.index === '23'") // 7 * 23 is 1 beyond 4 * 40
		v.keys(kb.Home, kb.Enter)
		v.at("#block1_conv1/0", "filter 0")
		v.keys(kb.ArrowRight)
		v.at("#block1_conv1/23", "filter 23")
		v.keys(kb.Escape)
		v.on(23)
		v.must(v.Click("input[value=rescued]"))
		v.waits("document.querySelectorAll('#wall a').length === 1")
		require.Equal(t, []string{"1"}, v.shows())
		require.Equal(t, "1 of 40 filters", v.text(".status"))
		v.must(v.Click("input[value=all]"))
	})
	step("dark", func(t *testing.T) {
		v := v.in(t)
		v.waits("document.documentElement.dataset.theme === 'light'")
		v.must(v.Prefer("prefers-color-scheme", "dark"))
		v.waits("document.documentElement.dataset.theme === 'dark'")
		v.must(v.Prefer("prefers-color-scheme", "light"))
		v.waits("document.documentElement.dataset.theme === 'light'")
		v.must(v.Click("#theme"))
		v.waits("document.documentElement.dataset.theme === 'dark'")
		v.must(v.Reload())
		v.waits("document.querySelector('#theme')?.getAttribute('aria-pressed') === 'true'")
	})
	step("links", func(t *testing.T) {
		v := v.in(t)
		for hash, heading := range map[string]string{
			"#block9":                       "There is no such page",
			"#%":                            "There is no such page",
			"#block1_conv1/40":              "block1_conv1, filter 40",
			"#block1_conv1/17":              "filter 17",
			oddHash:                         odd,
			"#res/5a:branch%2 #?<b>&amp;/3": "filter 3", // typed by hand
			"#pool":                         "pool",
		} {
			v.must(v.Exec(fmt.Sprintf("(() => {location.hash = %q})()", hash)))
			v.waits("document.querySelector('main h1').textContent.includes(%q)", heading)
		}
		v.must(v.Exec(`(() => {location.hash = "#block1_conv1/40"})()`))
		v.waits("document.querySelector('main').textContent.includes('has 40 filters: they are counted from 0')")
	})
	step("motion", func(t *testing.T) {
		v := v.in(t)
		v.must(v.Prefer("prefers-reduced-motion", "reduce"))
		v.must(v.Exec(`(() => {location.hash = "#block1_conv1/4"})()`))
		v.waits("document.querySelector('.film')?.hidden === false")
		require.Equal(t, "Play", v.text(".film button"), "nothing moves by itself")
		v.must(v.Click(".film button"))
		require.Equal(t, "Pause", v.text(".film button"))
		v.waits("document.querySelector('.film button').textContent === 'Play'")
		v.waits("document.querySelector('.film input').value === '5'")
	})
	step("keys", func(t *testing.T) {
		v := v.in(t)
		v.keys("?")
		v.waits("document.querySelector('dialog.help').open")
		v.keys(kb.Escape)
	})
}

// texts are what all elements of a kind say.
func texts(v visit, selector string) []string {
	v.t.Helper()
	list, err := browser.Eval[[]string](v.Page,
		fmt.Sprintf("[...document.querySelectorAll(%q)].map((e) => e.textContent.trim())", selector))
	v.must(err)
	return list
}

// tops are how far down the wall its tiles stand.
func tops(v visit) []float64 {
	v.t.Helper()
	list, err := browser.Eval[[]float64](v.Page, "[...document.querySelectorAll('#wall li')].map((e) => e.offsetTop)")
	v.must(err)
	return list
}

// TestMissingPieces opens galleries of which files are missing: each says which.
func TestMissingPieces(t *testing.T) {
	dir := newSample(t, 4, "conv")
	require.NoError(t, os.Remove(filepath.Join(dir, "data", "layer0.js")))
	tab := browser.TestTab(t)
	require.NoError(t, tab.Goto(address(dir)+"#conv/1"))
	require.NoError(t, tab.Until("document.body.textContent.includes('data/layer0.js is missing')", time.Minute))
	require.NoError(t, os.Remove(filepath.Join(dir, "data", "network.js")))
	require.NoError(t, tab.Goto("about:blank"))
	require.NoError(t, tab.Goto(address(dir)))
	require.NoError(t, tab.Until("document.body.textContent.includes('data/network.js is missing')", time.Minute))
}

// steps is how often TestScrolling scrolls.
const steps = 3000

// TestScrolling goes down all walls of a network of 10,000 filters: memory must not grow with what was seen.
func TestScrolling(t *testing.T) {
	level.OnlyFull(t, "scrolls through 10,000 pictures")
	var names []string
	for i := range 20 {
		names = append(names, fmt.Sprintf("block%d_conv", i))
	}
	v := open(t, newSample(t, 512, names...))
	v.must(v.Resize(700, 500)) // without a graphics card each frame takes its time
	var memory []browser.Memory
	var most int
	for round := range 2 { // the first one fills what is kept: decoded pictures, compiled code, a few layers' data
		for i, name := range names {
			v.must(v.Exec(fmt.Sprintf("(() => {location.hash = %q})()", "#"+name)))
			v.waits("document.querySelector('main h1').textContent === %q && document.querySelector('#wall img')", name)
			seen, err := browser.Eval[int](v.Page, fmt.Sprintf(`(async () => {
				let most = 0;
				const steps = %d, whole = document.documentElement.scrollHeight - innerHeight;
				const late = () => new Promise((done) => setTimeout(done, 1000)); // Chromium may lose a frame
				for (let i = 0; i <= steps; i++) {
					scrollTo(0, whole * i / steps);
					await Promise.race([new Promise(requestAnimationFrame), late()]);
					most = Math.max(most, document.querySelectorAll("*").length);
				}
				return most;
			})()`, steps/len(names)/2))
			v.must(err)
			most = max(most, seen)
			require.Contains(t, v.shows(), "511", "the wall's last row")
			if i%5 == 4 {
				m, err := v.Memory()
				v.must(err)
				t.Logf("round %d, %d layers: %d kB, %d nodes", round, i+1, m.Heap/1000, m.Nodes)
				memory = append(memory, m)
			}
		}
	}
	require.Less(t, most, 1200, "elements in the page")
	v.must(v.Exec("dispatchEvent(new Event('beforeprint'))"))
	require.Len(t, v.shows(), 512, "on paper all are")
	v.must(v.Exec("dispatchEvent(new Event('afterprint'))"))
	require.Less(t, len(v.shows()), 200)
	half := memory[len(memory)/2:]
	for _, m := range half[1:] {
		require.Less(t, m.Heap, half[0].Heap+1_000_000)
		require.Less(t, m.Nodes, half[0].Nodes+500)
	}
}

// TestEverybodyCanUseIt asks axe-core, on each kind of page, in light and dark, wide and narrow.
func TestEverybodyCanUseIt(t *testing.T) {
	level.OnlyFull(t, "checks each kind of page with axe-core")
	v := open(t, newSample(t, 40, "block1_conv1", "block1_conv2", odd))
	for _, theme := range []string{"light", "dark"} {
		v.must(v.Prefer("prefers-color-scheme", theme))
		for _, width := range []int64{1400, 400} {
			v.must(v.Resize(width, 900))
			for _, hash := range []string{"#", "#block1_conv2", "#block1_conv2/3", "#block1_conv2/2", "#none"} {
				v.must(v.Exec(fmt.Sprintf("(() => {location.hash = %q})()", hash)))
				time.Sleep(300 * time.Millisecond)
				check(v, fmt.Sprint(theme, width, hash))
				wide, err := browser.Eval[int](v.Page, "document.documentElement.scrollWidth")
				v.must(err)
				require.LessOrEqual(t, int64(wide), width, "%s: nothing sticks out", hash)
			}
			v.keys("/")
			check(v, fmt.Sprint(theme, width, " search"))
			v.keys(kb.Escape, "?")
			check(v, fmt.Sprint(theme, width, " help"))
			v.keys(kb.Escape)
		}
	}
}

func check(v visit, what string) {
	v.t.Helper()
	found, err := v.Axe(v.t.Context())
	if err != nil && (os.Getenv("CI") == "" || !level.Full()) {
		v.t.Skip(err)
	}
	v.must(err)
	for _, finding := range found {
		v.t.Errorf("%s: %s %s: %s: %+v", what, finding.Impact, finding.ID, finding.Help, finding.Nodes)
	}
}
