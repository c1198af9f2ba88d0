// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package fetch

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"strings"
)

var (
	// ErrUnreachable means that a source could not be reached, or stopped answering: no network, no such
	// host, a refused connection, a time-out, a reply other than 200.
	ErrUnreachable = errors.New("source cannot be reached")
	// ErrHash means that what came back is not what was asked for: its size or its hash is another.
	ErrHash = errors.New("not the expected file")
	// ErrNoPython means that pip cannot run here: no python3, or a python3 with neither pip nor venv.
	ErrNoPython = errors.New("no python3 with pip")
)

// reason makes one short line of a network error: no URL twice, no line breaks.
func reason(err error) string {
	if u := (*url.Error)(nil); errors.As(err, &u) {
		err = u.Err
	}
	var dns *net.DNSError
	switch {
	case errors.As(err, &dns) && dns.IsNotFound:
		return "no such host " + dns.Name
	case errors.As(err, &dns) && dns.IsTimeout:
		return "no answer from the name server for " + dns.Name
	case errors.As(err, &dns):
		return "cannot look up host " + dns.Name
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded):
		return "timed out"
	}
	return oneLine(err.Error())
}

// oneLine joins a text's lines and cuts it to a length that fits a terminal.
func oneLine(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	const most = 300
	if r := []rune(s); len(r) > most {
		s = string(r[:most]) + "..."
	}
	return s
}

// mismatch is the error for a thing whose size or hash is not the one asked for.
func mismatch(what, kind string, got, want any) error {
	return fmt.Errorf("%s: %w: %s is %v, want %v", what, ErrHash, kind, got, want)
}
