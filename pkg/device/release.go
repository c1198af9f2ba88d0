// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package device

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/gomlx/go-xla/installer"

	"convscope/internal/fetch"
)

// releases is where go-xla's installer looks up the files of its plugin releases; a variable for the tests.
var releases = "https://api.github.com/repos/" + installer.BinaryCPUReleasesRepo + "/releases/tags/"

// releasePatience is how long the list of a release's files may take.
var releasePatience = 5 * time.Second

// releaseSources offers the CPU plugin that this version of go-xla was made with: the file that its installer
// installs. The installer itself is not called: it prints to stdout, checks no hash and has no deadline.
func releaseSources(h host) []source {
	platform := strings.ReplaceAll(h.platform, "/", "_")
	if cpuRelease == "" || !slices.Contains(installer.CPUSupportedPlatforms, platform) {
		return nil
	}
	return []source{{
		name: "go-xla's releases (" + cpuRelease + ")",
		id:   "go-xla-" + cpuRelease,
		get: func(ctx context.Context, dir string) error {
			file, err := findRelease(ctx, cpuRelease, "pjrt_cpu_"+platform)
			if err != nil {
				return err
			}
			return unpackRelease(ctx, file, dir)
		},
	}}
}

// findRelease asks for the archive called name among the release's files, with the hash that the server keeps.
func findRelease(ctx context.Context, version, name string) (fetch.File, error) {
	ctx, cancel := context.WithTimeout(ctx, releasePatience)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, releases+version, nil)
	if err != nil {
		return fetch.File{}, err
	}
	request.Header.Set("Accept", "application/vnd.github+json")
	if token := os.Getenv("GH_TOKEN"); token != "" && request.URL.Scheme == "https" {
		request.Header.Set("Authorization", "Bearer "+token) // as go-xla's installer does: a class shares one address's quota
	}
	host := request.URL.Host
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		if ctx.Err() != nil {
			err = fmt.Errorf("no answer within %s", releasePatience)
		}
		return fetch.File{}, fmt.Errorf("%s: %w: %s", host, fetch.ErrUnreachable, short(err))
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fetch.File{}, fmt.Errorf("%s: %w: it says %s", host, fetch.ErrUnreachable, response.Status)
	}
	var release struct {
		Assets []struct {
			Name   string `json:"name"`
			URL    string `json:"browser_download_url"`
			Size   int64  `json:"size"`
			Digest string `json:"digest"`
		} `json:"assets"`
	}
	if err := json.NewDecoder(io.LimitReader(response.Body, 4<<20)).Decode(&release); err != nil {
		return fetch.File{}, fmt.Errorf("%s: its list of files does not read: %s", host, short(err))
	}
	for _, asset := range release.Assets {
		if asset.Name != name+".tar.gz" {
			continue
		}
		sum, found := strings.CutPrefix(asset.Digest, "sha256:")
		if !found {
			return fetch.File{}, fmt.Errorf("%s: no SHA-256 is given for %s", host, asset.Name)
		}
		return fetch.File{URL: asset.URL, Bytes: asset.Size, SHA256: sum}, nil
	}
	return fetch.File{}, fmt.Errorf("%s: release %s has no %s", host, version, name)
}

// unpackRelease fetches the archive and puts its plugin into dir, complete or not at all.
func unpackRelease(ctx context.Context, file fetch.File, dir string) (err error) {
	work := filepath.Join(filepath.Dir(dir), "."+filepath.Base(dir)+".part") // under the lock: nobody else's
	if err := os.RemoveAll(work); err != nil {
		return err
	}
	defer os.RemoveAll(work)
	archive := filepath.Join(work, path.Base(file.URL))
	if err := fetch.Download(ctx, file, archive); err != nil {
		return err
	}
	inside := filepath.Join(work, "inside")
	files, err := installer.Untar(archive, inside)
	if err != nil {
		return fmt.Errorf("unpack %s: %w", filepath.Base(archive), err)
	}
	if err := os.Remove(archive); err != nil {
		return err
	}
	plugin := slices.IndexFunc(files, func(file string) bool {
		return len((place{dir: filepath.Dir(file)}).candidates(named("cpu"))) > 0
	})
	if plugin < 0 {
		return fmt.Errorf("%s holds no CPU plugin", filepath.Base(archive))
	}
	found := filepath.Dir(files[plugin])
	for _, f := range (place{dir: found}).candidates(named("cpu")) {
		if err := finish(f.path, file.URL, ""); err != nil {
			return err
		}
	}
	if err := os.RemoveAll(dir); err != nil { // what was there is damaged, else nothing would have been fetched
		return err
	}
	return os.Rename(found, dir)
}

// short takes the address out of a network error: the line that quotes it has the host.
func short(err error) string {
	for {
		inner := errors.Unwrap(err)
		if inner == nil {
			return strings.Join(strings.Fields(err.Error()), " ")
		}
		err = inner
	}
}
