// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"syscall"
)

// errHangup is why everything ends when the terminal is closed.
var errHangup = errors.New("the terminal was closed")

// untilSignal is a context that ends with the first Ctrl-C or SIGTERM, or when the terminal is closed, so that
// everything ends in order and what there is so far is kept. After it, a second Ctrl-C or SIGTERM ends this process at
// once.
func untilSignal() context.Context {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	// A reader of our messages that is gone, such as tee in a closed terminal, must not end us before the picture is
	// written: the writes fail instead.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	if signal.Ignored(syscall.SIGHUP) { // nohup
		return ctx
	}
	ctx, end := context.WithCancelCause(ctx)
	hangups := make(chan os.Signal, 1)
	signal.Notify(hangups, syscall.SIGHUP) // for good: a closed terminal sends more than one
	go func() {
		<-hangups
		end(errHangup)
	}()
	return ctx
}
