// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package device_test

import (
	"bytes"
	"debug/elf"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"convscope/pkg/device"
)

func TestCheckELF(t *testing.T) {
	good := device.FakeELF()
	change := func(at int, value byte) []byte {
		b := bytes.Clone(good)
		b[at] = value
		return b
	}
	other := elf.EM_AARCH64
	if device.Machine == other {
		other = elf.EM_X86_64
	}
	for _, test := range []struct {
		name    string
		file    []byte
		machine elf.Machine
		want    string // "" = good
	}{
		{"whole", good, device.Machine, ""},
		{"empty", nil, device.Machine, "not a shared library (no ELF header)"},
		{"text", []byte("<html>404</html>"), device.Machine, "not a shared library (no ELF header)"},
		{"three bytes", good[:3], device.Machine, "not a shared library (no ELF header)"},
		{"half a header", good[:40], device.Machine, "its ELF headers do not read"},
		{"no segment table", good[:70], device.Machine, "its ELF headers do not read"},
		{"truncated", good[:4095], device.Machine, "truncated: it has 4095 bytes and its headers promise at least 4096"},
		{"other processor", good, other, "built for another processor"},
		{"32 bits", change(elf.EI_CLASS, byte(elf.ELFCLASS32)), device.Machine, ""},
		{"program", change(16, byte(elf.ET_EXEC)), device.Machine, "not a shared library but ET_EXEC"},
		{"nothing to load", change(64, byte(elf.PT_NOTE)), device.Machine, "nothing in it can be loaded"},
		{"huge segment", change(64+39, 0x7f), device.Machine, "truncated"},
		{"sections beyond the end", change(40+2, 1), device.Machine, "its ELF headers do not read"},
	} {
		t.Run(test.name, func(t *testing.T) {
			err := device.CheckELF(test.file, test.machine)
			switch {
			case test.name == "32 bits":
				assert.Error(t, err)
			case test.want == "":
				assert.NoError(t, err)
			default:
				assert.ErrorContains(t, err, test.want)
			}
		})
	}
}

func TestCheckFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "plugin.so")
	assert.ErrorContains(t, device.CheckFile(path), "no such file")
	assert.ErrorContains(t, device.CheckFile(dir), "not a file")
	require.NoError(t, os.WriteFile(path, nil, 0o644))
	assert.ErrorContains(t, device.CheckFile(path), "empty file")
	if runtime.GOOS != "linux" {
		t.Skip("only Linux's libraries are looked into")
	}
	require.NoError(t, os.WriteFile(path, device.FakeELF(), 0o644))
	assert.NoError(t, device.CheckFile(path))
	require.NoError(t, os.Truncate(path, 2048))
	assert.ErrorContains(t, device.CheckFile(path), "truncated")

	t.Run("this test's own program", func(t *testing.T) {
		self, err := os.Executable()
		require.NoError(t, err)
		err = device.CheckFile(self)
		assert.True(t, err == nil || err.Error() == "not a shared library but ET_EXEC", err)
	})
}
