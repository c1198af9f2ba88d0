// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package device

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"github.com/shirou/gopsutil/v4/cpu"

	"convscope/internal/fetch"
)

// measurements is the file in the cache that keeps what was measured of one plugin.
type measurements struct {
	// Device is the plugin, the processor and the number of its cores: what makes a measurement hold.
	Device string `json:"device"`
	// Values are the measurements by name.
	Values map[string]json.RawMessage `json:"values"`
}

// recall reads into value, a pointer, what [remember] kept under the name for what is called so, in this process or an
// earlier one. It says false when there is nothing that reads, or when it was measured on another processor.
func recall(what, name string, value any) bool {
	path, device, err := measurementsPath(what)
	if err != nil {
		return false
	}
	raw, found := readMeasurements(path, device).Values[name]
	return found && json.Unmarshal(raw, value) == nil
}

// remember keeps a measurement, anything that encodes as JSON, for [recall]. Where the cache can't be written, nothing
// is kept and nobody is told: the next process measures again.
func remember(what, name string, value any) {
	path, device, err := measurementsPath(what)
	if err != nil {
		return
	}
	raw, err := json.Marshal(value)
	if err != nil || os.MkdirAll(filepath.Dir(path), 0o755) != nil {
		return
	}
	const patience = 2 * time.Second // for another process that writes at this moment
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	unlock, err := fetch.Lock(ctx, path)
	if err != nil {
		return
	}
	defer unlock()
	kept := readMeasurements(path, device)
	kept.Values[name] = raw
	_ = fetch.WriteAtomic(path, func(w io.Writer) error {
		encoder := json.NewEncoder(w)
		encoder.SetIndent("", "\t")
		return encoder.Encode(kept)
	})
}

// readMeasurements reads the device's file. One that is not there, does not read or belongs to another device is
// empty.
func readMeasurements(path, device string) measurements {
	var kept measurements
	text, err := os.ReadFile(path)
	if err != nil || json.Unmarshal(text, &kept) != nil || kept.Device != device || kept.Values == nil {
		return measurements{Device: device, Values: make(map[string]json.RawMessage)}
	}
	return kept
}

// measurementsPath returns the file for what is called so, and the same in words with the processor.
func measurementsPath(what string) (path, device string, err error) {
	dir, err := fetch.CacheDir()
	if err != nil {
		return "", "", err
	}
	processor := runtime.GOARCH
	if info, err := cpu.Info(); err == nil && len(info) > 0 {
		processor = info[0].ModelName
	}
	device = fmt.Sprintf("%s; %s, %d cores", what, processor, runtime.NumCPU())
	sum := sha256.Sum256([]byte(device))
	return filepath.Join(dir, "measured", hex.EncodeToString(sum[:6])+".json"), device, nil
}
