// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package jupyter

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"

	"convscope/internal/child"
	"convscope/internal/fetch"
	"convscope/internal/progress"
)

// LabOptions say how JupyterLab starts.
type LabOptions struct {
	Dir       string    // the directory that its file browser shows
	Start     string    // the folder below Dir that it begins in; "" is Dir
	NoBrowser bool      // only print the address
	Args      []string  // more arguments for jupyter lab
	Env       []string  // settings for the server and its kernels: "NAME=value"
	Output    io.Writer // gets the server's messages, with the address; nil is stderr
}

// labSettings are JupyterLab's defaults here; what the user changes in its settings editor wins over them.
//
//go:embed lab.json
var labSettings []byte

// labStyle keeps what follows a folded answer apart from it, and ends lines between words in Korean too: JupyterLab
// does neither.
const labStyle = ".jp-RenderedHTMLCommon details + p { margin-top: 1em }\n" +
	".jp-RenderedHTMLCommon { word-break: keep-all }\n"

// Lab runs JupyterLab with the Go kernel until it ends or ctx does; in that case it stops its kernels and returns
// ctx's error. Settings, workspaces and run-time files lie in <cache>/lab, away from the user's own Jupyter. The
// server listens on this machine only, asks for its token, and takes the next port when its port is in use.
func (j *Jupyter) Lab(ctx context.Context, o LabOptions) error {
	room, err := newRoom()
	if err != nil {
		return err
	}
	defer room.Remove()
	if err := errors.Join(room.canCompile(), j.Kernel.place(interactive, room.at("specs"))); err != nil {
		return err
	}
	home, err := labHome()
	if err != nil {
		// A cache for reading only, such as one that a class shares: JupyterLab works, and forgets its settings.
		progress.Line(fmt.Sprintf("JupyterLab: its settings are not kept: %v", err))
		if home, err = room.Path, labDefaults(room.Path); err != nil {
			return err
		}
	}
	root, err := filepath.Abs(o.Dir)
	if err != nil {
		return err
	}
	args := []string{"-I", room.at("start_lab.py"), "--ServerApp.root_dir=" + root,
		// The address is printed all the same.
		"--log-level=ERROR", "--LabApp.log_level=ERROR",
		"--LabApp.custom_css=True",                       // labStyle; Notebook takes it by itself
		"--KernelSpecManager.ensure_native_kernel=False", // there is no Python kernel here, and none is missed
	}
	for _, pattern := range []string{"*_test.go", "testdata", "__pycache__", "*.pyc", "*.so", "*~"} {
		args = append(args, "--ContentsManager.hide_globs="+pattern) // so that the lessons' folder shows lessons
	}
	// Jupyter's list of the requests whose status says nothing of the kernel's, but for kernel_info. GoNB sends no other
	// status until the first cell runs: the kernel would be "Unknown" so long.
	for _, request := range []string{"comm_info_request", "debug_request", "interrupt_request", "shutdown_request"} {
		args = append(args, "--MappingKernelManager.untracked_message_types="+request)
	}
	if o.Start != "" {
		args = append(args, "--LabApp.default_url=/lab/tree/"+(&url.URL{Path: filepath.ToSlash(o.Start)}).EscapedPath())
	}
	if o.NoBrowser {
		args = append(args, "--no-browser")
	}
	if os.Geteuid() == 0 {
		args = append(args, "--allow-root") // in a container there is nobody else
	}
	cmd := exec.Command(j.Venv.Python, append(args, o.Args...)...)
	cmd.Dir = root
	room.Lend(cmd)
	lsp, err := j.completion(room)
	if err != nil {
		return err
	}
	// gopls comes first so that the completion is the one that was tested, whatever is installed.
	cmd.Env = append(room.environ(home, []string{j.Kernel.bin(), lsp}), o.Env...)
	output := &child.Tail{To: o.Output}
	if output.To == nil {
		output.To = os.Stderr
	}
	cmd.Stdout, cmd.Stderr = output, output
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	defer stdin.Close()
	server, err := child.Start(cmd)
	if err != nil {
		return fmt.Errorf("JupyterLab did not start: %w", err)
	}
	err = server.Wait(ctx, func() { _ = stdin.Close() })
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		return fmt.Errorf("JupyterLab ended with %w: %s", err, output.Last(isComplaint))
	}
	return err
}

// labHome returns the directory of the private JupyterLab, with its defaults in it.
func labHome() (string, error) {
	cache, err := fetch.CacheDir()
	if err != nil {
		return "", err
	}
	home := filepath.Join(cache, "lab")
	for _, name := range []string{"config", "data", "runtime"} {
		if err := os.MkdirAll(filepath.Join(home, name), 0o700); err != nil {
			return "", fmt.Errorf("making JupyterLab's directory: %w", err)
		}
	}
	return home, labDefaults(home)
}

// labDefaults writes JupyterLab's defaults and its style.
func labDefaults(home string) error {
	for path, text := range map[string][]byte{
		"labconfig/default_setting_overrides.json": labSettings,
		"custom/custom.css":                        []byte(labStyle),
	} {
		err := fetch.WriteAtomic(filepath.Join(home, "config", path), func(w io.Writer) error {
			_, err := w.Write(text)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}
