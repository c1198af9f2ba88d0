// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package jupyter

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

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

// headless and interactive are two data directories with a kernel spec each: plain text errors for runs without a
// browser, and GoNB's annotated HTML errors for JupyterLab.
func (k *Kernel) headless() string    { return filepath.Join(k.Dir, "headless") }
func (k *Kernel) interactive() string { return filepath.Join(k.Dir, "interactive") }

// OpenKernel returns the kernel if it is complete, else an error that says what is wrong with it. It builds nothing.
func OpenKernel(ctx context.Context) (*Kernel, error) {
	kernel, err := locateKernel(ctx)
	if err != nil {
		return nil, err
	}
	return kernel, usable(kernel.Dir, kernel.check)
}

// EnsureKernel returns the kernel and builds it first where that is needed: 20 to 50 seconds. With completion it also
// builds gopls (30 seconds more), without which notebooks run as well but Tab completes nothing.
func EnsureKernel(ctx context.Context, completion bool) (*Kernel, error) {
	kernel, err := locateKernel(ctx)
	if err != nil {
		return nil, err
	}
	err = ensure(ctx, kernel.Dir, kernel.check, func() (string, error) { return kernel.About, kernel.build(ctx) })
	if err != nil || !completion {
		return kernel, err
	}
	err = ensure(ctx, kernel.lsp(), func(string) error { return present(kernel.lsp(), "gopls") }, func() (string, error) {
		return "gopls", kernel.compile(ctx, "kernel: completion (gopls)", kernel.lsp(), "golang.org/x/tools/gopls")
	})
	return kernel, err
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
		Dir:   filepath.Join(cache, "kernel-"+fingerprint(kernelMod, kernelSum, goVersion)),
		About: fmt.Sprintf("GoNB %s, built by %s", gonbVersion(), goVersion),
	}, nil
}

// GoVersion returns what go env GOVERSION says, such as "go1.26.8". Without a go command it wraps [ErrNoGo].
func GoVersion(ctx context.Context) (string, error) {
	if _, err := exec.LookPath("go"); err != nil {
		return "", fmt.Errorf("%w: install Go 1.26 or later; each cell of a notebook is compiled with it", ErrNoGo)
	}
	out, err := exec.CommandContext(ctx, "go", "env", "GOVERSION").Output()
	if err != nil {
		return "", fmt.Errorf("go env failed: %w (is the go command on PATH a complete Go?)", err)
	}
	return strings.TrimSpace(string(out)), nil
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
		present(k.bin(), "gonb"), present(k.bin(), "goimports"),
		present(k.headless(), "kernels", KernelName, "kernel.json"),
		present(k.interactive(), "kernels", KernelName, "kernel.json"))
}

func present(path ...string) error {
	if info, err := os.Stat(filepath.Join(path...)); err != nil || info.Size() == 0 {
		return fmt.Errorf("%s is missing", path[len(path)-1])
	}
	return nil
}

// build makes the kernel in k.Dir, which is empty.
func (k *Kernel) build(ctx context.Context) error {
	for name, text := range map[string]string{"go.mod": kernelMod, "go.sum": kernelSum} {
		if err := os.WriteFile(filepath.Join(k.Dir, name), []byte(text), 0o644); err != nil {
			return err
		}
	}
	err := k.compile(ctx, "kernel: packages", k.bin(), "github.com/janpfeifer/gonb", "golang.org/x/tools/cmd/goimports")
	if err != nil {
		return err
	}
	if err := k.spec(ctx, k.headless(), "--raw_error"); err != nil {
		return err
	}
	return k.spec(ctx, k.interactive())
}

// compile builds commands of the kernel's module into a directory.
func (k *Kernel) compile(ctx context.Context, what, into string, packages ...string) error {
	bar := progress.New(what, 0, progress.Steps)
	defer bar.Done()
	// -mod=readonly keeps the pins whatever GOFLAGS says. -s -w saves a third of the linking time.
	args := append([]string{"build", "-v", "-mod=readonly", "-ldflags=-s -w", "-o", into + string(filepath.Separator)}, packages...)
	cmd := exec.Command("go", args...)
	cmd.Dir = k.Dir
	cmd.Env = without(os.Environ(), []string{"GOOS", "GOARCH", "GOWORK"}, "GOWORK=off")
	var compiled int64
	output, err := run(ctx, cmd, func(line string) {
		if !strings.HasPrefix(line, "go: ") {
			compiled++ // -v prints each package
			bar.Set(compiled)
		}
	})
	if err == nil || ctx.Err() != nil {
		return err
	}
	return fmt.Errorf("the Go kernel could not be built: %s (source: the Go module proxy; "+
		"offline, set GOPROXY to a mirror or to file:// and a module cache)", output.last(isGoComplaint))
}

// isGoComplaint picks the reason out of go build's output.
func isGoComplaint(line string) bool {
	return strings.Contains(line, ": ") && !strings.HasPrefix(line, "go: downloading ")
}

// spec lets GoNB write its kernel spec and logo below a data directory.
func (k *Kernel) spec(ctx context.Context, data string, flags ...string) error {
	// The log would end up in the terminal that runs the notebook; what a cell has to say comes as its output.
	flags = append([]string{"--install", "--force_deps", "--logtostderr=false", "--log_file=" + os.DevNull, "--stderrthreshold=FATAL"}, flags...)
	cmd := exec.Command(filepath.Join(k.bin(), "gonb"), flags...)
	// A command that calls itself gonb, not /tmp/... or a path in the user's cache, is not copied next to the spec.
	cmd.Args[0] = "gonb"
	cmd.Env = without(os.Environ(), []string{"JUPYTER_DATA_DIR"}, "JUPYTER_DATA_DIR="+data)
	output, err := run(ctx, cmd, nil)
	if err == nil || ctx.Err() != nil {
		return err
	}
	return fmt.Errorf("the Go kernel could not be installed: %s", output.last(isGoComplaint))
}

// Completion says whether gopls is built, so that Tab completes in JupyterLab.
func (k *Kernel) Completion() bool {
	return usable(k.lsp(), func(string) error { return present(k.lsp(), "gopls") }) == nil
}
