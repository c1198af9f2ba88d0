// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package device

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// gpu is what the NVIDIA driver leaves in the file system. Nothing of NVIDIA's is loaded to look at it.
type gpu struct {
	nodes   string                         // pattern of its device files
	proc    string                         // its directory below /proc
	visible func() (value string, ok bool) // CUDA_VISIBLE_DEVICES
	smi     string                         // the nvidia-smi command, "" if there is none
}

// envVisible chooses the GPUs that CUDA shows to a program.
const envVisible = "CUDA_VISIBLE_DEVICES"

func thisGPU() gpu {
	smi, err := exec.LookPath("nvidia-smi")
	if err != nil {
		smi = ""
	}
	return gpu{
		nodes:   "/dev/nvidia*",
		proc:    "/proc/driver/nvidia",
		visible: func() (string, bool) { return os.LookupEnv(envVisible) },
		smi:     smi,
	}
}

// present says whether there seems to be an NVIDIA GPU, by go-xla's own signs: device files, or else (under WSL) an
// nvidia-smi that answers. Driver files without a card count as well; opening the plugin finds that out.
func (g gpu) present() bool { return g.absent() == nil }

// absent says why there is no GPU, nil if there is one.
func (g gpu) absent() error {
	if value, set := g.visible(); set && (value == "" || strings.HasPrefix(value, "-1")) {
		return fmt.Errorf("%w to be used: %s=%s hides them all", ErrNoGPU, envVisible, value)
	}
	if found, err := filepath.Glob(g.nodes); err == nil && len(found) > 0 {
		return nil
	}
	if _, err := g.ask("name"); err == nil {
		return nil
	}
	return fmt.Errorf("%w (no %s)", ErrNoGPU, g.nodes)
}

// driverVersion finds the driver's version in the line that its kernel module prints.
var driverVersion = regexp.MustCompile(`NVRM version:.*?\s(\d{3,})\.\d+`)

// driver returns the driver's major version, 0 if it does not tell.
func (g gpu) driver() int {
	text, err := os.ReadFile(filepath.Join(g.proc, "version"))
	if err != nil {
		return 0
	}
	m := driverVersion.FindSubmatch(text)
	if m == nil {
		return 0
	}
	version, _ := strconv.Atoi(string(m[1]))
	return version
}

// model returns the first card's name, such as "NVIDIA GeForce RTX 4070".
func (g gpu) model() string {
	files, _ := filepath.Glob(filepath.Join(g.proc, "gpus", "*", "information"))
	for _, name := range files {
		f, err := os.Open(name)
		if err != nil {
			continue
		}
		defer f.Close()
		for lines := bufio.NewScanner(f); lines.Scan(); {
			if model, found := strings.CutPrefix(lines.Text(), "Model:"); found {
				return strings.TrimSpace(model)
			}
		}
	}
	return "an NVIDIA GPU"
}

// identity tells the cards and their driver from others, and NVIDIA's libraries by where they are looked for.
func (g gpu) identity() string {
	driver, _ := os.ReadFile(filepath.Join(g.proc, "version"))
	visible, _ := g.visible()
	return fmt.Sprintf("%s\n%s\n%s=%s\n%s=%s", g.model(), driver, envVisible, visible,
		envLibrary, os.Getenv(envLibrary))
}

// memory returns the bytes of the first visible card, and how many of them nobody uses.
func (g gpu) memory() (free, total int64, err error) {
	answer, err := g.ask("memory.free,memory.total")
	if err != nil {
		return 0, 0, err
	}
	const mebi = 1 << 20
	if _, err := fmt.Sscanf(answer, "%d, %d", &free, &total); err != nil {
		return 0, 0, fmt.Errorf("nvidia-smi says %q: %w", answer, err)
	}
	return free * mebi, total * mebi, nil
}

// ask gets one line of values from nvidia-smi, for the first visible card.
func (g gpu) ask(query string) (string, error) {
	if g.smi == "" {
		return "", fmt.Errorf("%w: no nvidia-smi", ErrNoGPU)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second) // a broken driver can hang it
	defer cancel()
	args := []string{"--query-gpu=" + query, "--format=csv,noheader,nounits"}
	if value, _ := g.visible(); value != "" {
		first, _, _ := strings.Cut(value, ",")
		args = append(args, "--id="+first)
	}
	command := exec.CommandContext(ctx, g.smi, args...)
	command.WaitDelay = time.Second
	out, err := command.Output()
	if err != nil {
		return "", fmt.Errorf("nvidia-smi: %w", err)
	}
	line, _, _ := strings.Cut(string(out), "\n")
	return strings.TrimSpace(line), nil
}
