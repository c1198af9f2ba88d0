// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

//go:build cgo && !noxla

package hook

// #cgo LDFLAGS: -ldl
// #include "hook.h"
import "C"

import (
	"sync"
	"unsafe"

	"convscope/pkg/device/internal/compiled"
	"convscope/pkg/device/internal/convolve"
	"convscope/pkg/device/internal/rewrite"
)

// hooked is the plugin whose compile call is replaced: one in a process.
var hooked struct {
	sync.Mutex
	path     string // "" before Set
	identity string // of the plugin and the machine, "" where nothing is kept
	named    bool   // the plugin was told of package convolve, or refused it
	kernel   bool   // its programs may call package convolve
}

// Set replaces the compile call of the plugin at path, which must be loaded already or load now. plugin tells it from
// others and from its other versions, such as its SHA-256. Calling it again does nothing, unless the user no longer
// refuses the calls of package convolve, as does a second plugin in the same process, a plugin whose table is not as
// expected, and a user who wants neither kept programs nor the calls.
func Set(path, plugin string) {
	hooked.Lock()
	defer hooked.Unlock()
	if hooked.path == "" {
		if compiled.Off() && kernelOff() {
			return
		}
		name := C.CString(path)
		defer C.free(unsafe.Pointer(name))
		if C.convscope_hook(name) != 0 {
			return
		}
		hooked.path = path
		if !compiled.Off() {
			hooked.identity = compiled.Identify(plugin)
		}
	}
	if hooked.path == path && !hooked.named && !kernelOff() {
		target := C.CString(rewrite.Target)
		defer C.free(unsafe.Pointer(target))
		hooked.kernel, hooked.named = C.convscope_register(target, convolve.Handler()) == 0, true
	}
}

// Calls says whether programs that the plugin at path compiles for the CPU now call package convolve.
func Calls(path string) bool {
	hooked.Lock()
	defer hooked.Unlock()
	return hooked.path == path && hooked.kernel && !kernelOff()
}

// Plain leaves the convolutions of all programs from now on to XLA.
func Plain() {
	hooked.Lock()
	defer hooked.Unlock()
	hooked.kernel = false
}

// convscopeCompile stands in the place of the plugin's compile call, on whatever thread made it. It returns the
// plugin's own error, which its caller destroys.
//
//export convscopeCompile
func convscopeCompile(args *C.compile_args) unsafe.Pointer {
	hooked.Lock()
	identity, kernel := hooked.identity, hooked.kernel && !kernelOff()
	hooked.Unlock()
	if C.convscope_on_cpu(args) == 0 {
		return C.convscope_compile(args)
	}
	given := C.GoStringN(args.program.code, C.int(args.program.code_size))
	text, done := given, rewrite.Counts{}
	if kernel {
		text, done = rewrite.Convolutions(given)
	}
	failed := load(args, identity, text)
	if failed != nil && text != given {
		C.convscope_drop(failed)
		text, done = given, rewrite.Counts{}
		failed = load(args, identity, text)
	}
	if failed == nil {
		count(done)
	}
	return failed
}

// load loads the program with that text in the place of the one of args, or compiles and keeps it.
func load(args *C.compile_args, identity, text string) (failed unsafe.Pointer) {
	code := unsafe.StringData(text)
	compile := func() unsafe.Pointer {
		return C.convscope_compile_text(args, (*C.char)(unsafe.Pointer(code)), C.size_t(len(text)))
	}
	store, err := compiled.Open()
	if err != nil || identity == "" {
		return compile()
	}
	program := args.program
	key := compiled.Key(identity,
		unsafe.Slice((*byte)(unsafe.Pointer(program.format)), program.format_size),
		unsafe.Slice(code, len(text)),
		unsafe.Slice((*byte)(unsafe.Pointer(args.options)), args.options_size))
	if bytes := store.Read(key); bytes != nil {
		if C.convscope_load(args, (*C.char)(unsafe.Pointer(&bytes[0])), C.size_t(len(bytes))) == 0 {
			store.Count(true)
			return nil
		}
		store.Drop(key)
	}
	if failed := compile(); failed != nil {
		return failed
	}
	store.Count(false)
	var s C.serialize_args
	if C.convscope_serialize(args, &s) == 0 {
		store.Write(key, unsafe.Slice((*byte)(unsafe.Pointer(s.bytes)), s.bytes_size))
		C.convscope_free(&s)
	}
	return nil
}
