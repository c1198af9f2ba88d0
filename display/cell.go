// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package display

import (
	"encoding/gob"
	"fmt"
	"io"
	"os"

	"github.com/janpfeifer/gonb/gonbui"
	"github.com/janpfeifer/gonb/gonbui/protocol"
)

// Out is where the text forms go when the program does not run in a notebook cell; nil is the standard output.
var Out io.Writer

// out resolves Out.
func out() io.Writer {
	if Out != nil {
		return Out
	}
	return os.Stdout
}

// InNotebook says whether the program runs in a cell of a Go notebook.
func InNotebook() bool { return gonbui.IsNotebook }

// Text shows a line of text, in a notebook as an output of its own that keeps its place among the pictures.
func Text(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	if !InNotebook() {
		fmt.Fprintln(out(), text)
		return
	}
	gonbui.SendData(&protocol.DisplayData{Data: map[protocol.MIMEType]any{protocol.MIMETextPlain: text}})
	gonbui.Sync()
}

// Data shows a line of text, and in a notebook keeps data of a JSON MIME type beside it, in the same output, for
// programs that read the notebook. The data are of the kinds that JSON has.
func Data(text, mime string, data map[string]any) {
	if !InNotebook() {
		Text("%s", text)
		return
	}
	gob.Register(data) // the kernel's side knows such maps
	gonbui.SendData(&protocol.DisplayData{
		Data: map[protocol.MIMEType]any{protocol.MIMETextPlain: text, protocol.MIMEType(mime): data},
	})
	gonbui.Sync()
}

// html shows HTML in a notebook, and the one line of text elsewhere.
func html(markup, text string) {
	if !InNotebook() {
		Text("%s", text)
		return
	}
	gonbui.DisplayHTML(markup)
	gonbui.Sync()
}

// encoded shows a picture that is already encoded. The cell waits until the kernel has it: a cell's program that
// ends at once could lose its last picture.
func encoded(mime protocol.MIMEType, data []byte, text, id string) {
	gonbui.SendData(&protocol.DisplayData{
		Data: map[protocol.MIMEType]any{mime: data, protocol.MIMETextPlain: text}, DisplayID: id,
	})
	gonbui.Sync()
}
