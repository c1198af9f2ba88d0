// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package convolve_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// layout says where each field of XLA's FFI lies on 64 bits, in versions 0.2, 0.3 and 0.4: ours, theirs, the place.
var layout = []string{
	"ffi_extension.size XLA_FFI_Metadata_Extension.extension_base.struct_size 0",
	"ffi_extension.type XLA_FFI_Metadata_Extension.extension_base.type 8",
	"ffi_extension.next XLA_FFI_Metadata_Extension.extension_base.next 16",
	"ffi_metadata_extension.metadata XLA_FFI_Metadata_Extension.metadata 24",
	"ffi_metadata.size XLA_FFI_Metadata.struct_size 0",
	"ffi_metadata.version.size XLA_FFI_Metadata.api_version.struct_size 8",
	"ffi_metadata.version.major XLA_FFI_Metadata.api_version.major_version 24",
	"ffi_metadata.version.minor XLA_FFI_Metadata.api_version.minor_version 28",
	"ffi_metadata.traits XLA_FFI_Metadata.traits 32",
	"ffi_error_args.message XLA_FFI_Error_Create_Args.message 16",
	"ffi_error_args.code XLA_FFI_Error_Create_Args.errc 24",
	"ffi_error_destroy_args.error XLA_FFI_Error_Destroy_Args.error 16",
	"ffi_schedule_args.context XLA_FFI_ThreadPool_Schedule_Args.ctx 16",
	"ffi_schedule_args.task XLA_FFI_ThreadPool_Schedule_Args.task 24",
	"ffi_schedule_args.argument XLA_FFI_ThreadPool_Schedule_Args.data 32",
	"ffi_threads_args.context XLA_FFI_ThreadPool_NumThreads_Args.ctx 16",
	"ffi_threads_args.threads XLA_FFI_ThreadPool_NumThreads_Args.num_threads 24",
	"ffi_api.size XLA_FFI_Api.struct_size 0",
	"ffi_api.version.major XLA_FFI_Api.api_version.major_version 32",
	"ffi_api.error_create XLA_FFI_Api.XLA_FFI_Error_Create 48",
	"ffi_api.error_destroy XLA_FFI_Api.XLA_FFI_Error_Destroy 64",
	"ffi_api.schedule XLA_FFI_Api.XLA_FFI_ThreadPool_Schedule 136",
	"ffi_api.threads XLA_FFI_Api.XLA_FFI_ThreadPool_NumThreads 144",
	"ffi_buffer.size XLA_FFI_Buffer.struct_size 0",
	"ffi_buffer.type XLA_FFI_Buffer.dtype 16",
	"ffi_buffer.data XLA_FFI_Buffer.data 24",
	"ffi_buffer.rank XLA_FFI_Buffer.rank 32",
	"ffi_buffer.dims XLA_FFI_Buffer.dims 40",
	"ffi_span.text XLA_FFI_ByteSpan.ptr 0",
	"ffi_span.length XLA_FFI_ByteSpan.len 8",
	"ffi_scalar.type XLA_FFI_Scalar.dtype 0",
	"ffi_scalar.value XLA_FFI_Scalar.value 8",
	"ffi_array.type XLA_FFI_Array.dtype 0",
	"ffi_array.length XLA_FFI_Array.size 8",
	"ffi_array.values XLA_FFI_Array.data 16",
	"ffi_frame.size XLA_FFI_CallFrame.struct_size 0",
	"ffi_frame.extensions XLA_FFI_CallFrame.extension_start 8",
	"ffi_frame.api XLA_FFI_CallFrame.api 16",
	"ffi_frame.context XLA_FFI_CallFrame.ctx 24",
	"ffi_frame.stage XLA_FFI_CallFrame.stage 32",
	"ffi_frame.arguments.size XLA_FFI_CallFrame.args.struct_size 40",
	"ffi_frame.arguments.count XLA_FFI_CallFrame.args.size 56",
	"ffi_frame.arguments.types XLA_FFI_CallFrame.args.types 64",
	"ffi_frame.arguments.items XLA_FFI_CallFrame.args.args 72",
	"ffi_frame.results.size XLA_FFI_CallFrame.rets.struct_size 80",
	"ffi_frame.results.items XLA_FFI_CallFrame.rets.rets 112",
	"ffi_frame.attributes.size XLA_FFI_CallFrame.attrs.struct_size 120",
	"ffi_frame.attributes.count XLA_FFI_CallFrame.attrs.size 136",
	"ffi_frame.attributes.types XLA_FFI_CallFrame.attrs.types 144",
	"ffi_frame.attributes.names XLA_FFI_CallFrame.attrs.names 152",
	"ffi_frame.attributes.items XLA_FFI_CallFrame.attrs.attrs 160",
}

// numbers are ours, theirs, and the value.
var numbers = []string{
	"FFI_MAJOR XLA_FFI_API_MAJOR 0", "FFI_METADATA XLA_FFI_Extension_Metadata 1",
	"FFI_EXECUTE XLA_FFI_ExecutionStage_EXECUTE 3", "FFI_BUFFER XLA_FFI_ArgType_BUFFER 1",
	"FFI_BUFFER XLA_FFI_RetType_BUFFER 1", "FFI_SCALAR XLA_FFI_AttrType_SCALAR 3",
	"FFI_ARRAY XLA_FFI_AttrType_ARRAY 1",
	"FFI_S64 XLA_FFI_DataType_S64 5", "FFI_F32 XLA_FFI_DataType_F32 11",
	"FFI_INVALID_ARGUMENT XLA_FFI_Error_Code_INVALID_ARGUMENT 3",
	"FFI_RESOURCE_EXHAUSTED XLA_FFI_Error_Code_RESOURCE_EXHAUSTED 8",
}

// TestLayout lets the compiler look where the fields lie. CONVSCOPE_XLA_INCLUDE may name a folder with XLA's own
// headers to compare with: TensorFlow's and JAX's Python packages have one, include.
func TestLayout(t *testing.T) {
	if _, err := exec.LookPath("cc"); err != nil {
		t.Skip("no C compiler")
	}
	check := func(t *testing.T, head string, assert func(ours, theirs, number string, place bool) string,
		flags ...string) {
		var text strings.Builder
		text.WriteString(head)
		for i, line := range append(layout[:len(layout):len(layout)], numbers...) {
			fields := strings.Fields(line)
			require.Len(t, fields, 3)
			text.WriteString(
				"_Static_assert(" + assert(
					fields[0],
					fields[1],
					fields[2],
					i < len(layout),
				) + ", \"" + fields[0] + "\");\n",
			)
		}
		source := filepath.Join(t.TempDir(), "layout.c")
		require.NoError(t, os.WriteFile(source, []byte(text.String()), 0o644))
		out, err := exec.Command("cc", append(flags, "-fsyntax-only", "-std=c11", "-I.", source)...).CombinedOutput()
		require.NoError(t, err, "%s", out)
	}
	offset := func(field string) string {
		of, path, _ := strings.Cut(field, ".")
		return "offsetof(" + of + ", " + path + ")"
	}
	t.Run("as noted", func(t *testing.T) {
		check(t, "#include \"ffi.h\"\n", func(ours, _, number string, place bool) string {
			if place {
				ours = offset(ours)
			}
			return ours + " == " + number
		})
	})
	if dir := os.Getenv("CONVSCOPE_XLA_INCLUDE"); dir != "" {
		t.Run(dir, func(t *testing.T) {
			check(
				t,
				"#include \"ffi.h\"\n#include \"xla/ffi/api/c_api.h\"\n",
				func(ours, theirs, _ string, place bool) string {
					if place {
						ours, theirs = offset(ours), offset(theirs)
					}
					return "(int)" + ours + " == (int)" + theirs
				},
				"-isystem",
				dir,
			)
		})
	}
}
