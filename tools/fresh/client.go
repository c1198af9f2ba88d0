// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package fresh

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"

	"convscope/internal/child"
)

// A system asks for packages as this machine does: with its mirrors, proxies and certificates.

// aptProxy matches those of apt's settings that say how a mirror is reached.
var aptProxy = regexp.MustCompile(`(?m)^Acquire::(?:http|https)::.* ".+";$`)

func aptOptions(ctx context.Context) []string {
	out, _, err := child.Output(ctx, exec.Command("apt-config", "dump"))
	if err != nil {
		return nil // apt's own settings are right then
	}
	return aptProxy.FindAllString(string(out), -1)
}

// sources are this machine's own for the suite. Where it has none, mmdebstrap knows Debian's.
func sources(suite string) []string {
	for _, path := range []string{"/etc/apt/sources.list.d/debian.sources", "/etc/apt/sources.list"} {
		text, err := os.ReadFile(path)
		if err == nil && regexp.MustCompile(`(?m)^[^#]*\b`+regexp.QuoteMeta(suite)+`\b`).Match(text) {
			return []string{path}
		}
	}
	return nil
}

// clientSettings are variables that say where pip and Go find their packages.
var clientSettings = regexp.MustCompile(
	`^(?:PIP_.*|(?i:https?_proxy|no_proxy|all_proxy)|SSL_CERT_(?:FILE|DIR)|REQUESTS_CA_BUNDLE)=.`)

// goSettings are those of the go command's, which has a file for them as well.
var goSettings = []string{"GOPROXY", "GOSUMDB", "GONOSUMDB", "GONOPROXY", "GOPRIVATE", "GOINSECURE"}

func clientEnv(ctx context.Context) ([]string, error) {
	var env []string
	for _, setting := range os.Environ() {
		if clientSettings.MatchString(setting) {
			env = append(env, setting)
		}
	}
	values, err := goEnv(ctx, goSettings...)
	for i, value := range values {
		if value != "" {
			env = append(env, goSettings[i]+"="+value)
		}
	}
	return env, err
}

// goEnv asks this machine's go command for its settings.
func goEnv(ctx context.Context, names ...string) ([]string, error) {
	out, said, err := child.Output(ctx, exec.Command("go", append([]string{"env"}, names...)...))
	if err != nil {
		return nil, fmt.Errorf("go env: %w: %s", err, said)
	}
	return strings.Split(strings.TrimSuffix(string(out), "\n"), "\n"), nil
}

// connect gives the system this machine's names of hosts and its pip's settings.
func (s *System) connect() error {
	for _, path := range []string{"/etc/resolv.conf", "/etc/hosts", "/etc/pip.conf"} {
		if err := s.take(path); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	return nil
}

// certificates is where Debian's ca-certificates keeps them.
const certificates = "/etc/ssl/certs/ca-certificates.crt"

// ErrNoCertificates is the error of [System.Trust].
var ErrNoCertificates = errors.New("the system has no certificates, so that nothing can be fetched by https: " +
	"apt-get install ca-certificates")

// Trust lets a system that has certificates trust whom this machine trusts, such as the proxy that it is behind.
func (s *System) Trust() error {
	if !s.Has(certificates) {
		return ErrNoCertificates
	}
	paths := []string{certificates}
	for _, name := range []string{"SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "PIP_CERT"} {
		if path := os.Getenv(name); filepath.IsAbs(path) {
			paths = append(paths, path)
		}
	}
	for _, path := range paths {
		if err := s.take(path); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	return nil
}

// take copies a file of this machine to the same place in the system.
func (s *System) take(path string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	to := filepath.Join(s.Root, path)
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	_ = os.Remove(to) // a link that leads out of the system
	return os.WriteFile(to, text, 0o644)
}
