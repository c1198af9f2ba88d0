// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package fresh

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"regexp"
	"strings"
)

// Promise is what README says is enough, in its own words.
type Promise struct {
	Packages string   // what one installs by apt, beside Go
	Commands []string // in a clone, without their comments
}

var (
	readmeApt   = regexp.MustCompile("`apt install ([^`]+)`")
	readmeBlock = regexp.MustCompile("(?s)In a clone of this repository:\\s+```\n(.*?)```")
)

// ParseREADME reads the start of README: what to install, and the commands without their comments.
func ParseREADME(text string) (p Promise, err error) {
	apt, block := readmeApt.FindStringSubmatch(text), readmeBlock.FindStringSubmatch(text)
	if apt == nil || block == nil {
		return p, errors.New("README's start has no `apt install` or no commands any more")
	}
	p.Packages = apt[1]
	for line := range strings.Lines(block[1]) {
		command, _, _ := strings.Cut(line, "#")
		p.Commands = append(p.Commands, strings.TrimSpace(command))
	}
	return p, nil
}

// Container is what a devcontainer.json says, as far as it is used here.
type Container struct {
	Image                string `json:"image"`
	OnCreateCommand      string `json:"onCreateCommand"`
	UpdateContentCommand string `json:"updateContentCommand"`
	PostCreateCommand    string `json:"postCreateCommand"`
}

// ParseContainer reads a devcontainer.json.
func ParseContainer(text []byte) (c Container, err error) {
	if err = json.Unmarshal(text, &c); err != nil {
		return c, fmt.Errorf("devcontainer.json: %w", err)
	}
	return c, nil
}

// Commands are the commands in the order in which a dev container runs them.
func (c Container) Commands() []string {
	return []string{c.OnCreateCommand, c.UpdateContentCommand, c.PostCreateCommand}
}

// Step is an instruction of a Dockerfile, such as RUN, with all that follows it.
type Step struct{ Name, Text string }

// ParseDockerfile reads a Dockerfile's instructions; lines that go on are joined.
func ParseDockerfile(text string) (steps []Step) {
	var whole strings.Builder
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, " \t\r\n")
		if trimmed := strings.TrimSpace(line); trimmed == "" || trimmed[0] == '#' {
			continue // also within an instruction
		}
		rest, goesOn := strings.CutSuffix(line, `\`)
		whole.WriteString(rest)
		if goesOn {
			continue
		}
		name, arguments, _ := strings.Cut(strings.TrimSpace(whole.String()), " ")
		steps = append(steps, Step{strings.ToUpper(name), strings.TrimSpace(arguments)})
		whole.Reset()
	}
	return steps
}

// Suite is the Debian that an image of Go's is made from: its tag ends with the name.
func Suite(image string) (string, error) {
	name, tag, _ := strings.Cut(image, ":")
	if i := strings.LastIndex(tag, "-"); name == "golang" && i >= 0 {
		return tag[i+1:], nil
	}
	return "", fmt.Errorf("the image %s is not one of golang:VERSION-DEBIAN", image)
}

// expand puts the values of a Dockerfile's variables in.
func expand(text string, env map[string]string) string {
	return os.Expand(text, func(name string) string { return env[name] })
}
