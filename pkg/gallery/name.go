// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package gallery

import (
	"crypto/sha256"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
)

// reserved are names that Windows takes for devices, and one that the pages have.
var reserved = regexp.MustCompile(`^(con|prn|aux|nul|com[0-9]|lpt[0-9]|network)(\..*)?$`)

// plainName is a name that every file system and every address takes as it is.
var plainName = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_.-]*$`)

// layerNames gives each layer's name one for files: itself where that can be, else what is left of it with a hash of
// the name, so that it depends on no other layer's. Names that differ by case alone have the hash, too.
func layerNames(layers []string) map[string]string {
	folded := make(map[string]int)
	for _, name := range layers {
		folded[strings.ToLower(name)]++
	}
	names := make(map[string]string, len(layers))
	for _, name := range layers {
		const most = 60 // bytes, of the 255 that file systems take
		lower := strings.ToLower(name)
		plain := plainName.MatchString(name) && !reserved.MatchString(lower) && !strings.HasSuffix(name, ".")
		if plain && folded[lower] == 1 && len(name) <= most {
			names[name] = name
			continue
		}
		kept := strings.Map(func(c rune) rune {
			if c == '.' || c == '-' || plainName.MatchString(string(c)) {
				return c
			}
			return '_'
		}, name)
		kept = strings.TrimLeft(kept[:min(len(kept), most)], ".-_")
		names[name] = fmt.Sprintf("%s-%x", kept, sha256.Sum256([]byte(name)))[:len(kept)+1+8]
		if kept == "" {
			names[name] = "layer" + names[name]
		}
	}
	return names
}

// The folders of a gallery. All that lies in tmp and part is on its way.
const (
	planName   = "plan.json"
	pictureDir = "picture"
	filmDir    = "film"
	exampleDir = "example"
	previewDir = "preview"
	dataDir    = "data"
	recordDir  = "record"
	partDir    = "part"
	tempDir    = "tmp"
)

// ours are the names that a gallery's folder may hold.
var ours = []string{
	planName, SourceName, "index.html", "gallery.css", "gallery.js", pictureDir, filmDir, exampleDir, previewDir, dataDir,
	recordDir, partDir, tempDir,
}

// foreign says that a name in the folder is nobody's that makes galleries or file systems.
func foreign(name string) bool {
	return !slices.Contains(ours, name) && name != "lost+found" && name != ".DS_Store" && !strings.HasPrefix(name, ".nfs")
}

// replaced says that a name is one of the files that a gallery writes anew, which others have, too: a website's
// index.html is nobody's to replace.
func replaced(name string) bool {
	return slices.Contains([]string{SourceName, "index.html", "gallery.css", "gallery.js"}, name)
}

// names are the files' of one plan.
type names map[string]string // by the layer's name

func (n names) picture(layer string, filter int, v variant) string {
	return path.Join(pictureDir, n[layer], fmt.Sprintf("%d-%s.png", filter, v.word()))
}

func (n names) film(layer string, filter int) string {
	return path.Join(filmDir, n[layer], fmt.Sprintf("%d.jpg", filter))
}

func (n names) example(layer string, filter, k int) string {
	return path.Join(exampleDir, n[layer], fmt.Sprintf("%d-%d.jpg", filter, k))
}

func (n names) preview(layer string) string { return path.Join(previewDir, n[layer]+".jpg") }

func (n names) record(s Shard) string {
	if s.Kind == Examples {
		return path.Join(recordDir, n[s.Layer]+"-examples.json")
	}
	return path.Join(recordDir, fmt.Sprintf("%s-%d.json", n[s.Layer], s.First))
}

// part is the record of some filters of a shard that is under way, the first of them being that one.
func (n names) part(s Shard, filter int) string {
	return path.Join(partDir, fmt.Sprintf("%s-%d-%d.json", n[s.Layer], s.First, filter))
}
