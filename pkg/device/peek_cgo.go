// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

//go:build cgo && !noxla && ((linux && (amd64 || arm64)) || (darwin && arm64))

package device

// #cgo linux LDFLAGS: -ldl
// #include <dlfcn.h>
// #include <stdio.h>
// #include <stdlib.h>
// #include <string.h>
//
// typedef struct {
//   size_t size; void *extensions;
//   size_t version_size; void *version_extensions; int major; int minor;
// } api_head;
//
// enum { PEEK_OK, PEEK_NO_LOAD, PEEK_NO_ENTRY, PEEK_NO_TABLE };
//
// // One function, since dlerror speaks for the calling thread and Go may change threads between two calls.
// static int peek(const char *path, api_head *head, char *why, size_t room) {
//   void *library = dlopen(path, RTLD_LAZY | RTLD_LOCAL);
//   if (library == NULL) {
//     const char *error = dlerror();
//     snprintf(why, room, "%s", error != NULL ? error : "no reason given");
//     return PEEK_NO_LOAD;
//   }
//   const api_head *(*entry)(void) = (const api_head *(*)(void))dlsym(library, "GetPjrtApi");
//   if (entry == NULL) {
//     dlclose(library);
//     return PEEK_NO_ENTRY;
//   }
//   const api_head *table = entry();
//   if (table == NULL) {
//     return PEEK_NO_TABLE;
//   }
//   memcpy(head, table, sizeof(api_head));
//   return PEEK_OK;
// }
import "C"

import (
	"errors"
	"fmt"
	"strings"
	"unsafe"
)

// peek loads the library and reads its API version before go-xla calls into it. It stays loaded: go-xla's own load
// is then free, and a plugin that was turned down cannot be unloaded safely once its initialisers ran.
func peek(path string) (plug, error) {
	name := C.CString(path)
	defer C.free(unsafe.Pointer(name))
	const room = 1024
	why := (*C.char)(C.calloc(1, room))
	defer C.free(unsafe.Pointer(why))
	var head C.api_head
	switch C.peek(name, &head, why, room) {
	case C.PEEK_OK:
		return plug{size: uint(head.size), major: int(head.major), minor: int(head.minor)}, nil
	case C.PEEK_NO_ENTRY:
		return plug{}, errNoEntry
	case C.PEEK_NO_TABLE:
		return plug{}, errors.New("damaged: its GetPjrtApi returns nothing")
	default:
		message := strings.TrimPrefix(C.GoString(why), path+": ")
		return plug{}, fmt.Errorf("does not load: %s", strings.ReplaceAll(message, "\n", " "))
	}
}
