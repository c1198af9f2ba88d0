// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package fresh

import (
	"context"
	"fmt"
	"path"
	"strings"
)

// imagePackages are what the images of Go have beside Go and apt: those of their base, and a C compiler.
const imagePackages = "ca-certificates curl git wget g++ gcc libc6-dev make pkg-config"

// Image makes the system like an image of Go: its packages, Go, and the settings that Builder begins with.
func (s *System) Image(ctx context.Context) error {
	err := s.Run(ctx, Command{Script: "apt-get update && apt-get install -y --no-install-recommends " + imagePackages +
		" && mkdir -p /go/src /go/bin && chmod -R 1777 /go"})
	if err != nil {
		return err
	}
	if err := s.AddGo(); err != nil {
		return err
	}
	return s.Trust()
}

// Builder carries out a Dockerfile's steps in a system that is like the file's image.
type Builder struct {
	System *System
	Clone  string // what COPY takes
	User   string // as the steps so far have set it
	Dir    string
	vars   map[string]string
}

// NewBuilder returns a builder that is as far as FROM.
func NewBuilder(s *System, clone string) *Builder {
	return &Builder{System: s, Clone: clone, Dir: "/", vars: map[string]string{
		"HOME": "/root", "GOPATH": "/go", "GOTOOLCHAIN": "local", "DEBIAN_FRONTEND": "noninteractive",
		"PATH": "/go/bin:/usr/local/go/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}}
}

// Step carries out one step.
func (b *Builder) Step(ctx context.Context, step Step) error {
	switch step.Name {
	case "FROM", "EXPOSE", "CMD":
		return nil
	case "ARG", "ENV":
		for _, field := range strings.Fields(step.Text) {
			name, value, _ := strings.Cut(field, "=")
			b.vars[name] = expand(value, b.vars)
		}
		return nil
	case "USER":
		b.User = expand(step.Text, b.vars)
		if home := "/home/" + b.User; b.System.Has(home) {
			b.vars["HOME"] = home
		}
		return nil
	case "WORKDIR":
		dir := expand(step.Text, b.vars)
		if !path.IsAbs(dir) {
			dir = path.Join(b.Dir, dir)
		}
		b.Dir = dir
		// Of root, whoever the user is: not all builders make it the user's.
		return b.System.Run(ctx, Command{Script: `mkdir -p "` + b.Dir + `"`})
	case "COPY":
		return b.copy(ctx, strings.Fields(step.Text))
	case "RUN":
		return b.Run(ctx, step.Text)
	}
	return fmt.Errorf("%s is not among the steps that are known here", step.Name)
}

// copy carries out "COPY . .". With --chown the files get that owner, the folder that is there already does not.
func (b *Builder) copy(ctx context.Context, arguments []string) error {
	owner, chown := strings.CutPrefix(arguments[0], "--chown=")
	if chown {
		arguments = arguments[1:]
	}
	if strings.Join(arguments, " ") != ". ." {
		return fmt.Errorf("a COPY of %s: only one of the whole clone is known here", strings.Join(arguments, " "))
	}
	if err := b.System.AddTree(ctx, b.Clone, b.Dir); err != nil || !chown {
		return err
	}
	return b.System.Run(ctx, Command{Script: fmt.Sprintf("find %q -mindepth 1 -exec chown %s: {} +", b.Dir,
		expand(owner, b.vars))})
}

// Run runs a command as RUN does, and as a container that was started runs it.
func (b *Builder) Run(ctx context.Context, script string) error {
	var env []string
	for name, value := range b.vars {
		env = append(env, name+"="+value)
	}
	return b.System.Run(ctx, Command{User: b.User, Dir: b.Dir, Env: env, Script: script})
}
