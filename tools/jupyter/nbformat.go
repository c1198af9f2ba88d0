// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package jupyter

import (
	"encoding/json"
	"fmt"
	"strings"
)

// The types below are nbformat's JSON. Notebook, Cell and Output are what Go code works with.

type rawNotebook struct {
	Cells    []*rawCell     `json:"cells"`
	Metadata map[string]any `json:"metadata"`
	Format   int            `json:"nbformat"`
	Minor    int            `json:"nbformat_minor"`
}

type rawCell struct {
	Kind        string         `json:"cell_type"`
	ID          string         `json:"id"`
	Source      multiline      `json:"source"`
	Metadata    map[string]any `json:"metadata"`
	Count       *int           `json:"execution_count"`
	Outputs     []*rawOutput   `json:"outputs"`
	Attachments any            `json:"attachments"`
}

type rawOutput struct {
	Kind      string         `json:"output_type"`
	Name      string         `json:"name"`
	Text      multiline      `json:"text"`
	Data      map[string]any `json:"data"`
	Metadata  map[string]any `json:"metadata"`
	Count     *int           `json:"execution_count"`
	Error     string         `json:"ename"`
	Value     string         `json:"evalue"`
	Traceback []string       `json:"traceback"`
}

// multiline is a text that nbformat stores as one string or as a list of lines.
type multiline string

// UnmarshalJSON reads both forms.
func (m *multiline) UnmarshalJSON(text []byte) error {
	if len(text) > 0 && text[0] == '[' {
		var lines []string
		if err := json.Unmarshal(text, &lines); err != nil {
			return err
		}
		*m = multiline(strings.Join(lines, ""))
		return nil
	}
	return json.Unmarshal(text, (*string)(m))
}

// lines splits a text as nbformat does: each line with its end, and no line for an empty text.
func lines(text string) []string {
	list := []string{}
	for line := range strings.Lines(text) {
		list = append(list, line)
	}
	return list
}

// isText says whether nbformat stores data of the MIME type as lines.
func isText(mime string) bool {
	return strings.HasPrefix(mime, "text/") || mime == "image/svg+xml" || mime == "application/javascript"
}

// output turns the JSON form into ours.
func (r *rawOutput) output() *Output {
	o := &Output{Kind: r.Kind, Name: r.Name, Text: string(r.Text), Data: r.Data, Metadata: r.Metadata,
		Error: r.Error, Value: r.Value, Traceback: r.Traceback}
	if r.Count != nil {
		o.Count = *r.Count
	}
	for mime, value := range o.Data {
		if parts, ok := value.([]any); ok && !strings.HasSuffix(mime, "json") {
			var joined strings.Builder
			for _, part := range parts {
				fmt.Fprint(&joined, part)
			}
			o.Data[mime] = joined.String()
		}
	}
	return o
}

// json turns an output into its JSON form.
func (o *Output) json() map[string]any {
	form := map[string]any{"output_type": o.Kind}
	switch o.Kind {
	case Stream:
		form["name"], form["text"] = o.Name, lines(o.Text)
	case Failure:
		form["ename"], form["evalue"] = o.Error, o.Value
		form["traceback"] = append([]string{}, o.Traceback...)
	default:
		data := make(map[string]any, len(o.Data))
		for mime, value := range o.Data {
			data[mime] = value
			if text, ok := value.(string); ok && isText(mime) {
				data[mime] = lines(text)
			}
		}
		form["data"], form["metadata"] = data, orEmpty(o.Metadata)
		if o.Kind == Result {
			form["execution_count"] = orNull(o.Count)
		}
	}
	return form
}

// json turns a cell into its JSON form.
func (c *Cell) json(nbformatMinor int) map[string]any {
	form := map[string]any{"cell_type": c.Kind, "metadata": orEmpty(c.Metadata), "source": lines(c.Source)}
	if nbformatMinor >= 5 {
		form["id"] = c.ID
	}
	if c.attached != nil {
		form["attachments"] = c.attached
	}
	if c.Kind == Code {
		outputs := make([]any, len(c.Outputs))
		for i, output := range c.Outputs {
			outputs[i] = output.json()
		}
		form["execution_count"], form["outputs"] = orNull(c.Count), outputs
	}
	return form
}

func orNull(count int) any {
	if count == 0 {
		return nil
	}
	return count
}
