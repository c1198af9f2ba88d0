// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package device

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gomlx/go-xla/installer"

	"convscope/internal/fetch"
)

// releases is where the releases of CPU plugins are; a variable for the tests.
var releases = "https://github.com/" + installer.BinaryCPUReleasesRepo + "/releases/"

// releaseSums are the SHA-256 of releases' archives, by the archive's path below the download page, such as
// "v0.114.0/pjrt_cpu_linux_arm64.tar.gz". go-xla has none, and what the release page itself says vouches for nothing
// that comes from the same page: only what somebody has checked by other means belongs here.
var releaseSums = map[string]string{}

// EnvReleaseSum names the environment variable by which a person vouches for a release's archive: its SHA-256.
const EnvReleaseSum = "CONVSCOPE_PJRT_SHA256"

// releaseSources offers the CPU plugin that this version of go-xla was made with: the file that its installer
// installs. The installer itself is not called: it prints to stdout, checks no hash and has no deadline. Where pip has
// plugins too, a release without a known hash is not offered.
func releaseSources(h host) []source {
	platform := strings.ReplaceAll(h.platform, "/", "_")
	if cpuRelease == "" || !slices.Contains(installer.CPUSupportedPlatforms, platform) {
		return nil
	}
	archive := cpuRelease + "/pjrt_cpu_" + platform + ".tar.gz"
	sum := strings.ToLower(cmp.Or(h.getenv(EnvReleaseSum), releaseSums[archive]))
	if sum == "" && len(pipSources(h)) > 0 {
		return nil
	}
	return []source{{
		name: "go-xla's releases (" + cpuRelease + ")",
		id:   "go-xla-" + cpuRelease,
		get: func(ctx context.Context, dir string) error {
			if sum == "" {
				places := slices.DeleteFunc(h.installed(), func(p place) bool { return p.name != "go-xla" })
				return fmt.Errorf("%w of %s: take it from %stag/%s and set %s to it, or unpack the "+
					"archive into %s by hand",
					errNoSum, path.Base(archive), releases, cpuRelease, EnvReleaseSum, places[0].dir)
			}
			return unpackRelease(ctx, fetch.File{URL: releases + "download/" + archive, SHA256: sum}, dir)
		},
	}}
}

// errNoSum says that nobody vouches for a release.
var errNoSum = errors.New("this program knows no SHA-256")

// unpackRelease fetches the archive and puts its plugin into dir, complete or not at all.
func unpackRelease(ctx context.Context, file fetch.File, dir string) error {
	work := filepath.Join(filepath.Dir(dir), "."+filepath.Base(dir)+".part") // under the lock: nobody else's
	if err := os.RemoveAll(work); err != nil {
		return err
	}
	defer os.RemoveAll(work)
	archive, inside := filepath.Join(work, path.Base(file.URL)), filepath.Join(work, "inside")
	if err := fetch.Download(ctx, file, archive); err != nil {
		return err
	}
	plugins, err := untarPlugins(archive, inside)
	if err != nil {
		return fmt.Errorf("unpack %s: %w", filepath.Base(archive), err)
	}
	if len(plugins) == 0 {
		return fmt.Errorf("%s holds no CPU plugin", filepath.Base(archive))
	}
	for _, name := range plugins {
		if err := finish(filepath.Join(inside, name), file.URL, ""); err != nil {
			return err
		}
	}
	if err := os.RemoveAll(dir); err != nil { // what was there is damaged, else nothing would have been fetched
		return err
	}
	return os.Rename(inside, dir)
}
