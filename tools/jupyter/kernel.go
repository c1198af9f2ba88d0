// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package jupyter

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"

	"convscope/internal/child"
	"convscope/internal/fetch"
	"convscope/internal/progress"
)

// The kernel's own module: GoNB and the two programs that it calls, at exact versions. It is not part of convscope's
// module, so its dependencies never meet those of the library.
var (
	//go:embed kernel.mod
	kernelMod string
	//go:embed kernel.sum
	kernelSum string
)

// KernelName is the name that notebooks call the Go kernel by, and KernelTitle the one that people see.
const (
	KernelName  = "gonb"
	KernelTitle = "Go (gonb)"
)

// Kernel is the Go kernel, built from source.
type Kernel struct {
	Dir   string // <cache>/kernel-<hash of its module and the Go version>
	About string // "GoNB 0.11.4, built by go1.26.8"
}

// bin holds gonb and goimports; lsp holds gopls, which only people at a keyboard need.
func (k *Kernel) bin() string { return filepath.Join(k.Dir, "bin") }
func (k *Kernel) lsp() string { return filepath.Join(k.Dir, "lsp") }

// Two data directories have a kernel spec each: plain text errors for runs without a browser, and GoNB's annotated
// HTML errors for JupyterLab.
const (
	headless    = "headless"
	interactive = "interactive"
)

// OpenKernel returns the kernel if it is complete, else an error that says what is wrong with it. It builds nothing.
func OpenKernel(ctx context.Context) (*Kernel, error) {
	kernel, err := locateKernel(ctx)
	if err != nil {
		return nil, err
	}
	return kernel, usable(kernel.Dir, kernel.check)
}

// EnsureKernel returns the kernel and builds it first where that is needed: 20 to 50 seconds.
func EnsureKernel(ctx context.Context) (*Kernel, error) {
	kernel, err := locateKernel(ctx)
	if err != nil {
		return nil, err
	}
	return kernel, ensure(ctx, kernel.Dir, kernel.check, func(dir string) (string, error) {
		return kernel.About, (&Kernel{Dir: dir}).build(ctx)
	})
}

// EnsureCompletion builds gopls where that is needed, which takes 30 seconds: without it notebooks run as well, but
// Tab completes nothing.
func (k *Kernel) EnsureCompletion(ctx context.Context) error {
	return ensure(ctx, k.lsp(), k.checkCompletion, func(dir string) (string, error) {
		return "gopls", k.compile(ctx, "kernel: completion (gopls)", dir, "golang.org/x/tools/gopls")
	})
}

// locateKernel names the kernel of these pins and of the Go on PATH.
func locateKernel(ctx context.Context) (*Kernel, error) {
	cache, err := fetch.CacheDir()
	if err != nil {
		return nil, err
	}
	goVersion, err := GoVersion(ctx)
	if err != nil {
		return nil, err
	}
	return &Kernel{
		Dir: filepath.Join(cache, "kernel-"+fingerprint(kernelMod, kernelSum, goVersion,
			runtime.GOOS, runtime.GOARCH)),
		About: fmt.Sprintf("GoNB %s, built by %s", gonbVersion(), goVersion),
	}, nil
}

// GoVersion returns what go env GOVERSION says, such as "go1.26.8". Without a go command it wraps [ErrNoGo].
func GoVersion(ctx context.Context) (string, error) {
	if _, err := exec.LookPath("go"); err != nil {
		return "", fmt.Errorf("%w: install Go 1.26 or later; each cell of a notebook is compiled with it", ErrNoGo)
	}
	version, err := goEnv(ctx, "GOVERSION")
	if err != nil {
		return "", fmt.Errorf("go env failed: %w (is the go command on PATH a complete Go?)", err)
	}
	return version, nil
}

// goEnv asks the go command for one of its settings. A workspace around the current directory has no say.
func goEnv(ctx context.Context, name string) (string, error) {
	cmd := exec.Command("go", "env", name)
	cmd.Env = child.Environ(child.Named("GOWORK"), "GOWORK=off")
	out, _, err := child.Output(ctx, cmd)
	return strings.TrimSpace(string(out)), err
}

// gonbVersion reads GoNB's version from the pins.
func gonbVersion() string {
	for line := range strings.Lines(kernelMod) {
		if fields := strings.Fields(line); len(fields) >= 2 && fields[0] == "github.com/janpfeifer/gonb" {
			return strings.TrimPrefix(fields[1], "v")
		}
	}
	return "of unknown version"
}

// check looks for what build made.
func (k *Kernel) check(string) error {
	return errors.Join(
		program(k.bin(), "gonb"), program(k.bin(), "goimports"),
		present(k.Dir, headless, "kernels", KernelName, "kernel.json"),
		present(k.Dir, interactive, "kernels", KernelName, "kernel.json"))
}

func (k *Kernel) checkCompletion(string) error { return program(k.lsp(), "gopls") }

// present says whether the file is there and has something in it.
func present(path ...string) error {
	info, err := os.Stat(filepath.Join(path...))
	if errors.Is(err, fs.ErrNotExist) || err == nil && info.Size() == 0 {
		return damage{path[len(path)-1] + " is missing"}
	}
	return err
}

// program says whether the file is one that can be started: some ways of copying a cache lose that.
func program(dir, name string) error {
	if err := present(dir, name); err != nil {
		return err
	}
	info, err := os.Stat(filepath.Join(dir, name))
	if err == nil && info.Mode()&0o111 == 0 {
		return damage{name + " cannot be started"}
	}
	return err
}

// build makes the kernel in k.Dir, which is empty.
func (k *Kernel) build(ctx context.Context) error {
	for name, text := range map[string]string{"go.mod": kernelMod, "go.sum": kernelSum} {
		if err := os.WriteFile(filepath.Join(k.Dir, name), []byte(text), 0o644); err != nil {
			return err
		}
	}
	err := k.compile(ctx, "kernel: packages", k.bin(), "github.com/janpfeifer/gonb",
		"golang.org/x/tools/cmd/goimports")
	if err != nil && (ctx.Err() != nil || k.adopt(ctx, err) != nil) {
		return err
	}
	if err := k.spec(ctx, headless, "--raw_error"); err != nil {
		return err
	}
	return k.spec(ctx, interactive)
}

// compile builds commands of the kernel's module into a directory.
func (k *Kernel) compile(ctx context.Context, what, into string, packages ...string) error {
	bar := progress.New(what, 0, progress.Steps)
	defer bar.Done()
	if err := os.MkdirAll(into, 0o755); err != nil {
		return err
	}
	// -mod=readonly keeps the pins whatever GOFLAGS says. -s -w saves a third of the linking time.
	args := append([]string{"build", "-v", "-mod=readonly", "-ldflags=-s -w", "-o", into + string(filepath.Separator)},
		packages...)
	cmd := exec.Command("go", args...)
	cmd.Dir = k.Dir
	// What a killed go build leaves goes with the directory.
	cmd.Env = child.Environ(child.Named("GOOS", "GOARCH", "GOWORK", "GOTMPDIR"), "GOWORK=off", "GOTMPDIR="+into)
	var compiled int64
	output, err := child.Run(ctx, cmd, func(line string) {
		if !strings.HasPrefix(line, "go: ") {
			compiled++ // -v prints each package
			bar.Set(compiled)
		}
	})
	if err == nil || ctx.Err() != nil {
		return err
	}
	return fmt.Errorf("the Go kernel could not be built: %s (source: the Go module proxy; "+
		"offline, set GOPROXY to a mirror or to file:// and a module cache)", output.Last(isGoComplaint))
}

// isGoComplaint picks the reason out of go build's output.
func isGoComplaint(line string) bool {
	return strings.Contains(line, ": ") && !strings.HasPrefix(line, "go: downloading ")
}

// spec lets GoNB write its kernel spec and logo below a data directory. The spec has the path that the kernel has now:
// see place.
func (k *Kernel) spec(ctx context.Context, data string, flags ...string) error {
	// The log would end up in the terminal that runs the notebook; what a cell has to say comes as its output.
	flags = append([]string{"--install", "--force_deps", "--logtostderr=false", "--log_file=" + os.DevNull,
		"--stderrthreshold=FATAL"}, flags...)
	cmd := exec.Command(filepath.Join(k.bin(), "gonb"), flags...)
	// A command that calls itself gonb, not /tmp/... or a path in the user's cache, is not copied next to the spec.
	cmd.Args[0] = "gonb"
	cmd.Env = child.Environ(child.Named("JUPYTER_DATA_DIR"), "JUPYTER_DATA_DIR="+filepath.Join(k.Dir, data))
	output, err := child.Run(ctx, cmd, nil)
	if err == nil || ctx.Err() != nil {
		return err
	}
	return fmt.Errorf("the Go kernel could not be installed: %s", output.Last(isGoComplaint))
}

// Completion says whether gopls is built, so that Tab completes in JupyterLab.
func (k *Kernel) Completion() bool {
	return usable(k.lsp(), k.checkCompletion) == nil
}
