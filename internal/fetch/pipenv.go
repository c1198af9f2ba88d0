// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package fetch

import (
	"context"
	"encoding/json"
	"maps"
	"os"
	"os/exec"
	"slices"
	"strings"

	"convscope/internal/child"
)

// pipSource are pip's options that say where packages come from and how that is reached: how a classroom uses its
// mirror. They stay in force. Any other, of which each version of pip has more, could send packages elsewhere, forbid
// wheels, ask for hashes, or do nothing at all.
var pipSource = []string{"index-url", "extra-index-url", "find-links", "no-index", "proxy", "cert", "client-cert",
	"trusted-host", "cache-dir", "no-cache-dir", "timeout", "default-timeout", "keyring-provider",
	"use-feature", "use-deprecated"}

// PythonEnv returns the environment of a Python that is not the user's own: without settings of theirs.
func PythonEnv(settings ...string) []string {
	return child.Environ(func(name string) bool {
		return strings.HasPrefix(name, "PYTHON") || strings.HasPrefix(name, "PIP_") ||
			name == "VIRTUAL_ENV" || name == "__PYVENV_LAUNCHER__"
	}, settings...)
}

// PipEnv returns the environment for a pip command ("install", "download") of the Python: of the user's options, in
// variables and in configuration files, it has those that say where packages come from. dir is the directory that pip
// will run in.
func PipEnv(ctx context.Context, python, dir, command string, settings ...string) []string {
	config, given := pipConfig(ctx, python, dir), map[string]string{}
	for _, section := range []string{"global", command} {
		maps.Copy(given, config[section])
	}
	var source []string
	for _, key := range pipSource {
		name := pipVariable(key)
		if value, found := os.LookupEnv(name); found {
			source = append(source, name+"="+value)
		} else if value, found := given[key]; found {
			source = append(source, name+"="+value)
		}
	}
	// With the null device for a configuration file, pip reads no other either.
	return PythonEnv(slices.Concat(source, []string{"PIP_CONFIG_FILE=" + os.DevNull, "PYTHONUNBUFFERED=1"},
		settings)...)
}

func pipVariable(key string) string {
	return "PIP_" + strings.ToUpper(strings.ReplaceAll(key, "-", "_"))
}

// askPip prints what pip's configuration files say: {"global.index-url": "https://..."}. The command pip config list
// would obey some of that. Newer versions of pip keep a map for each file.
const askPip = `import json
from pip._internal.configuration import Configuration
config, found = Configuration(isolated=False), {}
config.load()
for key, value in config.items():
    found.update(value if isinstance(value, dict) else {key: value})
print(json.dumps(found))`

// pipConfig reads pip's configuration files, by section and key. Those that pip cannot read say nothing.
func pipConfig(ctx context.Context, python, dir string) map[string]map[string]string {
	var settings []string
	if path, found := os.LookupEnv("PIP_CONFIG_FILE"); found {
		settings = []string{"PIP_CONFIG_FILE=" + path}
	}
	cmd := exec.Command(python, "-c", askPip)
	cmd.Dir, cmd.Env = dir, PythonEnv(settings...)
	ctx, stop := context.WithTimeout(ctx, pipPatience)
	defer stop()
	config := map[string]map[string]string{}
	_, _ = child.Run(ctx, cmd, func(line string) {
		var found map[string]string
		if json.Unmarshal([]byte(line), &found) != nil {
			return
		}
		for name, value := range found {
			if section, key, found := strings.Cut(name, "."); found {
				if config[section] == nil {
					config[section] = map[string]string{}
				}
				config[section][key] = strings.Join(strings.Fields(value), " ") // a value of several lines has several values
			}
		}
	})
	return config
}
