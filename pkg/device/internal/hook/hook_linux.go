// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

//go:build cgo && !noxla

package hook

// #cgo LDFLAGS: -ldl
// #include "hook.h"
import "C"

import (
	"os"
	"path/filepath"
	"sync"
	"unsafe"

	"convscope/pkg/device/internal/compiled"
	"convscope/pkg/device/internal/convolve"
	"convscope/pkg/device/internal/rewrite"
)

// hooked are the plugins whose compile call is replaced, by C's ON_CPU and ELSEWHERE.
var hooked [C.PLUGINS]struct {
	path     string // "" before Set or Keep
	identity string // of the plugin and the machine, "" where nothing is kept
	named    bool   // the plugin was told of package convolve, or refused it
	kernel   bool   // its programs may call package convolve
}

var lock sync.Mutex // of hooked

// platforms are what the clients of the plugins must call theirs, by C's ON_CPU and ELSEWHERE.
var platforms = [...]*C.char{C.CString("cpu"), C.CString("cuda")}

// Set replaces the compile call of the CPU plugin at path, which must be loaded already or load now. plugin tells it
// from others and from its other versions, such as its SHA-256. Calling it again does nothing, unless the user no
// longer refuses the calls of package convolve, as does a second such plugin in the same process, a plugin whose table
// is not as expected, and a user who wants neither kept programs nor the calls.
func Set(path, plugin string) {
	lock.Lock()
	defer lock.Unlock()
	h := &hooked[C.ON_CPU]
	if h.path == "" && (compiled.Off() && kernelOff() || !replace(C.ON_CPU, path, plugin)) {
		return
	}
	if h.path == resolved(path) && !h.named && !kernelOff() {
		convolve.Limit(os.Getenv("XLA_FLAGS"))
		h.named = true
		h.kernel = register(rewrite.Target, convolve.Handler()) &&
			register(rewrite.DepthwiseTarget, convolve.DepthwiseHandler())
	}
}

// register lets programs for the CPU call a handler. It says whether they can.
func register(target string, handler unsafe.Pointer) bool {
	name := C.CString(target)
	defer C.free(unsafe.Pointer(name))
	return C.convscope_register(C.ON_CPU, name, handler) == 0
}

// Keep is [Set] for a CUDA plugin, whose programs are kept and call nothing. plugin says also what else its programs
// depend on: the card, its driver and NVIDIA's libraries.
func Keep(path, plugin string) {
	lock.Lock()
	defer lock.Unlock()
	if hooked[C.ELSEWHERE].path == "" && !compiled.Off() {
		replace(C.ELSEWHERE, path, plugin)
	}
}

// replace replaces the compile call.
func replace(which C.int, path, plugin string) bool {
	name := C.CString(path)
	defer C.free(unsafe.Pointer(name))
	if C.convscope_hook(which, name) != 0 {
		return false
	}
	hooked[which].path = resolved(path)
	if !compiled.Off() {
		hooked[which].identity = compiled.Identify(plugin)
	}
	return true
}

// resolved is the same for all names of a file.
func resolved(path string) string {
	if target, err := filepath.EvalSymlinks(path); err == nil {
		return target
	}
	return path
}

// Calls says whether programs that the plugin at path compiles for the CPU now call package convolve.
func Calls(path string) bool {
	lock.Lock()
	defer lock.Unlock()
	h := &hooked[C.ON_CPU]
	return h.path == resolved(path) && h.kernel && !kernelOff()
}

// Plain leaves the convolutions of all programs from now on to XLA.
func Plain() {
	lock.Lock()
	defer lock.Unlock()
	hooked[C.ON_CPU].kernel = false
}

// convscopeCompile stands in the place of the plugin's compile call, on whatever thread made it. It returns the
// plugin's own error, which its caller destroys.
//
//export convscopeCompile
func convscopeCompile(plugin C.int, args *C.compile_args) unsafe.Pointer {
	lock.Lock()
	identity, kernel := hooked[plugin].identity, hooked[plugin].kernel && !kernelOff()
	lock.Unlock()
	if C.convscope_is_on(plugin, args, platforms[plugin]) == 0 {
		return C.convscope_compile(plugin, args)
	}
	given := C.GoStringN(args.program.code, C.int(args.program.code_size))
	text, done := given, rewrite.Counts{}
	if kernel {
		text, done = rewrite.Convolutions(given)
	}
	failed := load(plugin, args, identity, text)
	if failed != nil && text != given {
		C.convscope_drop(plugin, failed)
		text, done = given, rewrite.Counts{}
		failed = load(plugin, args, identity, text)
	}
	if failed == nil {
		count(done)
	}
	return failed
}

// load loads the program with that text in the place of the one of args, or compiles and keeps it.
func load(plugin C.int, args *C.compile_args, identity, text string) (failed unsafe.Pointer) {
	code := unsafe.StringData(text)
	compile := func() unsafe.Pointer {
		return C.convscope_compile_text(plugin, args, (*C.char)(unsafe.Pointer(code)), C.size_t(len(text)))
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
		if C.convscope_load(plugin, args, (*C.char)(unsafe.Pointer(&bytes[0])), C.size_t(len(bytes))) == 0 {
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
	if C.convscope_serialize(plugin, args, &s) == 0 {
		store.Write(key, unsafe.Slice((*byte)(unsafe.Pointer(s.bytes)), s.bytes_size))
		C.convscope_free(&s)
	}
	return nil
}
