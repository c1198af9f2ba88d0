// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package cluster_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"convscope/internal/level"
	"convscope/internal/tree"
)

// planned are the options of the galleries here: 16 shards of two batches each.
var planned = strings.Fields("--layers block1_conv2 --methods book,steps=30 --size 24 --shard-size 4 --batch 2")

// whole is what merge says of such a gallery that lacks nothing.
const whole = "64 of 64 filters"

// place is a folder that all of a cluster sees, with the command on the path.
type place struct{ dir string }

// newPlace builds the command.
func newPlace(t *testing.T) place {
	t.Helper()
	p := place{t.TempDir()}
	build := exec.Command("go", "build", "-o", p.path("bin", "convscope"), "convscope/tools/convscope")
	said, err := build.CombinedOutput()
	require.NoError(t, err, string(said))
	t.Setenv("PATH", p.path("bin")+string(filepath.ListSeparator)+os.Getenv("PATH"))
	t.Setenv("CONVSCOPE_DEVICE", "cpu")
	return p
}

func (p place) path(parts ...string) string {
	return filepath.Join(append([]string{p.dir}, parts...)...)
}

// run runs a command that must do well, and returns what it printed.
func run(t *testing.T, name string, args ...string) string {
	t.Helper()
	said, err := exec.Command(name, args...).CombinedOutput()
	require.NoErrorf(t, err, "%s %q: %s", name, args, said)
	return string(said)
}

// plan plans a gallery.
func (p place) plan(t *testing.T, name string) (dir string) {
	t.Helper()
	dir = p.path(name)
	run(t, "convscope", append([]string{"gallery", "plan", "--out", dir}, planned...)...)
	return dir
}

// file returns one of the ready files, by its absolute path.
func file(t *testing.T, name string) string {
	t.Helper()
	path, err := filepath.Abs(name)
	require.NoError(t, err)
	return path
}

// same compares two galleries, byte for byte but for the file that says where the network lies.
func same(t *testing.T, want, dir string) {
	t.Helper()
	wanted, err := tree.Read(want, "source.json")
	require.NoError(t, err)
	got, err := tree.Read(dir, "source.json")
	require.NoError(t, err)
	require.Empty(t, tree.Difference(wanted, got))
}

// TestCluster makes the same gallery by one process and by each of the ready files.
func TestCluster(t *testing.T) {
	level.OnlyFull(t, "makes a gallery four times, under Slurm and GNU parallel from Debian's packages, "+
		"and as Kubernetes' pods")
	p := newPlace(t)
	alone := p.plan(t, "alone")
	run(t, "convscope", "gallery", "work", "--out", alone)
	require.Contains(t, run(t, "convscope", "gallery", "merge", "--out", alone), whole)

	t.Run("Slurm", func(t *testing.T) { slurm(t, p, alone) })

	t.Run("GNU parallel", func(t *testing.T) {
		parallel := debian(t, "parallel").tool(t, "parallel")
		t.Setenv("PATH", filepath.Dir(parallel)+string(filepath.ListSeparator)+os.Getenv("PATH"))
		dir := p.plan(t, "by machines")
		said := run(t, "bash", file(t, "parallel.sh"), dir, ":")
		require.Contains(t, said, "3/4 is done, 4 of 16 shards")
		require.Contains(t, said, whole)
		same(t, alone, dir)
		mistake, err := exec.Command("bash", file(t, "parallel.sh"), dir).CombinedOutput()
		require.Error(t, err)
		require.Equal(t, "name the machines, such as : for this one\n", string(mistake))
	})

	t.Run("Kubernetes", func(t *testing.T) { kubernetes(t, p, alone) })
}

// job is what is read here of a Kubernetes Job.
type job struct {
	Kind     string
	Metadata struct{ Name string }
	Spec     struct {
		CompletionMode           string
		Completions, Parallelism int
		Template                 struct {
			Spec struct {
				InitContainers, Containers []container
			}
		}
	}
}

type container struct {
	Image   string
	Command []string
	Env     []struct{ Name, Value string }
}

// kubernetes checks the manifest against the API's schema, and does what its pods do.
func kubernetes(t *testing.T, p place, alone string) {
	t.Helper()
	python := pythonWith(t, "kubernetes-validate==1.37.0", "attrs==26.1.0", "jsonschema==4.26.0",
		"jsonschema-specifications==2025.9.1",
		"referencing==0.37.0", "rpds-py==2026.9.1", "PyYAML==6.0.4", "packaging==26.4", "typing_extensions==4.16.0",
		"importlib_resources==7.1.0")
	manifest, err := os.ReadFile("kubernetes.yaml")
	require.NoError(t, err)
	validate := func(text []byte) (string, error) {
		path := p.path("manifest.yaml")
		require.NoError(t, os.WriteFile(path, text, 0o600))
		said, err := python("-c", "import sys, kubernetes_validate.__main__ as m; sys.exit(m.main())", "--strict", path)
		return string(said), err
	}
	said, err := validate(manifest)
	require.NoError(t, err, said)
	for _, kind := range []string{"persistentvolumeclaim/gallery", "job/gallery ", "job/gallery-merge"} {
		require.Contains(t, said, "passed for resource "+kind)
	}
	for _, wrong := range [][2]string{{"completionMode: ", "completionMood: "},
		{"parallelism: 4", "parallelism: four"}, {"mountPath: ", "mountsPath: "}} {
		require.Contains(t, string(manifest), wrong[0])
		said, err = validate(bytes.ReplaceAll(manifest, []byte(wrong[0]), []byte(wrong[1])))
		require.Error(t, err, said) // or the check checks nothing
	}

	text, err := python("-c", "import sys, json, yaml; json.dump(list(yaml.safe_load_all(open(sys.argv[1]))), "+
		"sys.stdout)", file(t, "kubernetes.yaml"))
	require.NoError(t, err, string(text))
	var jobs []job
	require.NoError(t, json.Unmarshal(text, &jobs))
	require.Len(t, jobs, 3)
	work, merge := jobs[1].Spec, jobs[2].Spec
	require.Equal(t, "Indexed", work.CompletionMode)
	docker, err := os.ReadFile(filepath.Join("..", "Dockerfile"))
	require.NoError(t, err)
	pod := func(number int, c container) {
		require.Contains(t, string(docker), "docker build -t "+c.Image+" .")
		require.Contains(t, string(docker), "go install ./tools/convscope") // or there is no such command in the image
		args := append([]string{}, c.Command[1:]...)
		for i, arg := range args {
			args[i] = strings.ReplaceAll(arg, "/gallery/vgg16", p.path("by pods"))
			if arg == "--size" { // a smaller one
				args = append(args[:i], planned...)
				break
			}
		}
		command := exec.Command(c.Command[0], args...)
		command.Env = append(os.Environ(), fmt.Sprint("JOB_COMPLETION_INDEX=", number))
		for _, variable := range c.Env {
			command.Env = append(command.Env, variable.Name+"="+variable.Value)
		}
		said, err := command.CombinedOutput()
		if err != nil {
			t.Errorf("pod %d: %v: %s", number, err, said)
		}
	}
	var pods sync.WaitGroup
	running := make(chan bool, work.Parallelism)
	for number := range work.Completions {
		pods.Go(func() {
			running <- true
			defer func() { <-running }()
			for _, c := range append(append([]container{}, work.Template.Spec.InitContainers...),
				work.Template.Spec.Containers...) {
				pod(number, c)
			}
		})
	}
	pods.Wait()
	pod(0, merge.Template.Spec.Containers[0])
	same(t, alone, p.path("by pods"))
}
