// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package device

import (
	"debug/elf"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
)

// machines are the ELF machines that this process can load, by GOARCH.
var machines = map[string]elf.Machine{"amd64": elf.EM_X86_64, "arm64": elf.EM_AARCH64}

// checkFile says whether a plugin's file may be given to the dynamic linker. The linker maps what the headers
// promise without asking how long the file is, so loading a truncated library ends the process with SIGBUS:
// every extent must lie within the file. It costs a few reads, whatever the file's size. Only Linux's ELF is known.
func checkFile(path string) error {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return reason(err)
	case !info.Mode().IsRegular():
		return errors.New("not a file")
	case info.Size() == 0:
		return errors.New("empty file")
	case runtime.GOOS != "linux":
		return nil
	}
	file, err := os.Open(path)
	if err != nil {
		return reason(err)
	}
	defer file.Close()
	return checkELF(file, info.Size(), machines[runtime.GOARCH])
}

func checkELF(r io.ReaderAt, size int64, machine elf.Machine) error {
	magic := make([]byte, len(elf.ELFMAG))
	if _, err := r.ReadAt(magic, 0); err != nil || string(magic) != elf.ELFMAG {
		return errors.New("not a shared library (no ELF header)")
	}
	f, err := elf.NewFile(r)
	if err != nil {
		return fmt.Errorf("damaged: its ELF headers do not read (%w); it may be truncated", err)
	}
	if f.Class != elf.ELFCLASS64 || f.Data != elf.ELFDATA2LSB || f.Machine != machine {
		return fmt.Errorf("built for another processor (%v %v)", f.Machine, f.Class)
	}
	if f.Type != elf.ET_DYN {
		return fmt.Errorf("not a shared library but %v", f.Type)
	}
	loads := 0
	for _, p := range f.Progs {
		if !within(p.Off, p.Filesz, size) {
			return truncated(p.Off, p.Filesz, size)
		}
		if p.Type == elf.PT_LOAD {
			loads++
		}
	}
	for _, s := range f.Sections {
		if s.Type != elf.SHT_NOBITS && s.Type != elf.SHT_NULL && !within(s.Offset, s.FileSize, size) {
			return truncated(s.Offset, s.FileSize, size)
		}
	}
	if loads == 0 {
		return errors.New("damaged: nothing in it can be loaded")
	}
	return nil
}

func within(offset, length uint64, size int64) bool {
	return offset <= uint64(size) && length <= uint64(size)-offset
}

func truncated(offset, length uint64, size int64) error {
	return fmt.Errorf("truncated: it has %d bytes and its headers promise at least %d", size, offset+length)
}

// reason takes the path and the system call out of a file error: the line that quotes it names the file.
func reason(err error) error {
	var p *os.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}
