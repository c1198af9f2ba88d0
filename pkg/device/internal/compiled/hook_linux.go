// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

//go:build cgo && !noxla

package compiled

// #cgo LDFLAGS: -ldl
// #include "hook.h"
import "C"

import (
	"os"
	"sync"
	"unsafe"
)

// kept is the plugin whose programs are kept: one in a process.
var kept struct {
	sync.Mutex
	identity string // of the plugin and the machine, "" before Keep
	path     string
	platform *C.char // as the plugin's client has it, such as "cpu"
}

// Keep lets the plugin at path, which must be loaded already or load now, keep its programs from now on. plugin tells
// it from others and from its other versions, such as its SHA-256, and where it is not for the CPU says what else its
// programs depend on: the card and its driver. platform is its client's, "cpu" or "cuda"; programs for others are not
// kept. Calling it again does nothing, as does a second plugin in the same process, [Off], and a plugin whose table is
// not as expected.
func Keep(path, plugin, platform string) {
	kept.Lock()
	defer kept.Unlock()
	if kept.identity != "" || Off() {
		return
	}
	name := C.CString(path)
	defer C.free(unsafe.Pointer(name))
	identity := identify(plugin)
	if C.convscope_hook(name) == 0 {
		kept.identity, kept.path, kept.platform = identity, path, C.CString(platform)
	}
}

// convscopeCompile stands in the place of the plugin's compile call, on whatever thread made it. It returns the
// plugin's own error, which its caller destroys.
//
//export convscopeCompile
func convscopeCompile(args *C.compile_args) unsafe.Pointer {
	kept.Lock()
	identity, platform := kept.identity, kept.platform
	kept.Unlock()
	store, err := open()
	if err != nil || identity == "" || C.convscope_is_on(args, platform) == 0 {
		return C.convscope_compile(args)
	}
	program := args.program
	key := keyOf(identity,
		unsafe.Slice((*byte)(unsafe.Pointer(program.format)), program.format_size),
		unsafe.Slice((*byte)(unsafe.Pointer(program.code)), program.code_size),
		unsafe.Slice((*byte)(unsafe.Pointer(args.options)), args.options_size))
	if bytes := store.read(key); bytes != nil {
		if C.convscope_load(args, (*C.char)(unsafe.Pointer(&bytes[0])), C.size_t(len(bytes))) == 0 {
			store.count(true)
			return nil
		}
		store.drop(key)
	}
	if failed := C.convscope_compile(args); failed != nil {
		return failed
	}
	store.count(false)
	var s C.serialize_args
	if C.convscope_serialize(args, &s) == 0 {
		store.write(key, unsafe.Slice((*byte)(unsafe.Pointer(s.bytes)), s.bytes_size))
		C.convscope_free(&s)
	}
	return nil
}

// Off says whether the user asked for no kept programs.
func Off() bool { return os.Getenv(Env) == "off" }
