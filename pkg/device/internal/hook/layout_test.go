// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package hook_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestLayout compiles pjrt.h beside go-xla's whole header, and lets the compiler compare them.
func TestLayout(t *testing.T) {
	if _, err := exec.LookPath("cc"); err != nil {
		t.Skip("no C compiler")
	}
	module, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/gomlx/go-xla").Output()
	require.NoError(t, err)
	var text strings.Builder
	text.WriteString("#include \"pjrt.h\"\n#include \"pjrt_c_api.h\"\n")
	for field, name := range map[string]string{
		"FIELD_ERROR_DESTROY":                    "PJRT_Error_Destroy",
		"FIELD_CLIENT_PLATFORM_NAME":             "PJRT_Client_PlatformName",
		"FIELD_CLIENT_COMPILE":                   "PJRT_Client_Compile",
		"FIELD_EXECUTABLE_DESTROY":               "PJRT_Executable_Destroy",
		"FIELD_EXECUTABLE_SERIALIZE":             "PJRT_Executable_Serialize",
		"FIELD_LOADED_EXECUTABLE_GET_EXECUTABLE": "PJRT_LoadedExecutable_GetExecutable",
		"FIELD_EXECUTABLE_DESERIALIZE_AND_LOAD":  "PJRT_Executable_DeserializeAndLoad",
	} {
		text.WriteString("_Static_assert(" + field + " * sizeof(void *) == offsetof(PJRT_Api, " + name +
			"), \"" + name + "\");\n")
	}
	text.WriteString("_Static_assert(EXTENSION_FFI == PJRT_Extension_Type_FFI, \"EXTENSION_FFI\");\n")
	for field, place := range map[string]int{ // of pjrt_c_api_ffi_extension.h, which go-xla doesn't have
		"ffi_extension, head": 0, "ffi_extension, register_handler": 40,
		"handler_args, size": 0, "handler_args, name": 8, "handler_args, name_size": 16, "handler_args, handler": 24,
		"handler_args, platform": 32, "handler_args, platform_size": 40, "handler_args, traits": 48,
	} {
		fmt.Fprintf(&text, "_Static_assert(offsetof(%s) == %d, \"%s\");\n", field, place, field)
	}
	for _, same := range []string{
		"extension.size PJRT_Extension_Base.struct_size", "extension.type PJRT_Extension_Base.type",
		"extension.next PJRT_Extension_Base.next", "table_head.extensions PJRT_Api.extension_start",
		"table_head.size PJRT_Api.struct_size", "table_head.version_size PJRT_Api.pjrt_api_version.struct_size",
		"table_head.major PJRT_Api.pjrt_api_version.major_version",
		"table_head.minor PJRT_Api.pjrt_api_version.minor_version", "program.code PJRT_Program.code",
		"program.code_size PJRT_Program.code_size", "program.format PJRT_Program.format",
		"program.format_size PJRT_Program.format_size", "compile_args.client PJRT_Client_Compile_Args.client",
		"compile_args.program PJRT_Client_Compile_Args.program",
		"compile_args.options PJRT_Client_Compile_Args.compile_options",
		"compile_args.options_size PJRT_Client_Compile_Args.compile_options_size",
		"compile_args.executable PJRT_Client_Compile_Args.executable",
		"platform_args.client PJRT_Client_PlatformName_Args.client",
		"platform_args.name PJRT_Client_PlatformName_Args.platform_name",
		"platform_args.name_size PJRT_Client_PlatformName_Args.platform_name_size", "destroy_args.object " +
			"PJRT_Error_Destroy_Args.error", "destroy_args.object PJRT_Executable_Destroy_Args.executable",
		"executable_args.loaded PJRT_LoadedExecutable_GetExecutable_Args.loaded_executable",
		"executable_args.executable PJRT_LoadedExecutable_GetExecutable_Args.executable",
		"serialize_args.executable PJRT_Executable_Serialize_Args.executable",
		"serialize_args.bytes PJRT_Executable_Serialize_Args.serialized_bytes",
		"serialize_args.bytes_size PJRT_Executable_Serialize_Args.serialized_bytes_size",
		"serialize_args.backing PJRT_Executable_Serialize_Args.serialized_executable",
		"serialize_args.free_backing PJRT_Executable_Serialize_Args.serialized_executable_deleter",
		"load_args.client PJRT_Executable_DeserializeAndLoad_Args.client",
		"load_args.bytes PJRT_Executable_DeserializeAndLoad_Args.serialized_executable",
		"load_args.bytes_size PJRT_Executable_DeserializeAndLoad_Args.serialized_executable_size",
		"load_args.loaded PJRT_Executable_DeserializeAndLoad_Args.loaded_executable",
		"load_args.options PJRT_Executable_DeserializeAndLoad_Args.overridden_serialized_compile_options",
	} {
		ours, theirs, _ := strings.Cut(same, " ")
		a, b := strings.Replace(ours, ".", ", ", 1), strings.Replace(theirs, ".", ", ", 1)
		text.WriteString("_Static_assert(offsetof(" + a + ") == offsetof(" + b + "), \"" + ours + "\");\n")
	}
	source := filepath.Join(t.TempDir(), "layout.c")
	require.NoError(t, os.WriteFile(source, []byte(text.String()), 0o644))
	header := filepath.Join(strings.TrimSpace(string(module)), "pjrt")
	out, err := exec.Command("cc", "-fsyntax-only", "-I.", "-I"+header, source).CombinedOutput()
	require.NoError(t, err, "%s", out)
}
