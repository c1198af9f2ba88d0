// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package format

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"

	"convscope/pkg/weights/internal/number"
)

// maxNpyHeader is how long the header of an array may be: numpy's own are 128 bytes.
const maxNpyHeader = 64 << 10

// npyArray is what the header of a NumPy array says.
type npyArray struct {
	kind    string // "float32", "int64"
	number  number.Type
	numbers bool // it is one of the types that can be read
	fortran bool // the first axis is the fastest
	shape   []int
	length  int // bytes before the values
}

var (
	npyType  = regexp.MustCompile(`'descr'\s*:\s*(?:'([^']*)'|(\[))`)
	npyOrder = regexp.MustCompile(`'fortran_order'\s*:\s*(True|False)`)
	npyShape = regexp.MustCompile(`'shape'\s*:\s*\(([^)]*)\)`)
)

// errCut means that a header ends too early, errNotNpy that it is none.
var (
	errCut    = errors.New("it ends within its header")
	errNotNpy = errors.New("not a .npy array")
)

// readNpyHeader reads an array's header: a Python dictionary in text.
func readNpyHeader(r io.Reader) (npyArray, error) {
	var b [12]byte
	if n, err := io.ReadFull(r, b[:8]); err != nil && n < 6 {
		return npyArray{}, errNotNpy
	} else if !bytes.HasPrefix(b[:], []byte("\x93NUMPY")) {
		return npyArray{}, errNotNpy
	} else if err != nil {
		return npyArray{}, errCut
	}
	size := 2
	if b[6] > 1 {
		size = 4
	}
	if _, err := io.ReadFull(r, b[8:8+size]); err != nil {
		return npyArray{}, errCut
	}
	n := int(binary.LittleEndian.Uint32(b[8:])) // b[10:] are still zero after two bytes
	if n > maxNpyHeader {
		return npyArray{}, fmt.Errorf("a header of %d bytes", n)
	}
	header := make([]byte, n)
	if _, err := io.ReadFull(r, header); err != nil {
		return npyArray{}, errCut
	}
	a := npyArray{length: 8 + size + n}
	return a, a.parse(string(header))
}

func (a *npyArray) parse(text string) error {
	find := func(r *regexp.Regexp) []string { return r.FindStringSubmatch(text) }
	kind, order, shape := find(npyType), find(npyOrder), find(npyShape)
	switch {
	case kind == nil:
		return errors.New("a header without descr")
	case order == nil:
		return errors.New("a header without fortran_order")
	case shape == nil:
		return errors.New("a header without shape")
	}
	a.fortran = order[1] == "True"
	var bytes binary.ByteOrder
	a.kind, bytes = npyKind(kind[1])
	a.number, a.numbers = number.Find(a.kind, bytes)
	for part := range strings.SplitSeq(shape[1], ",") {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		n, err := strconv.Atoi(part)
		if err != nil || n < 0 {
			return fmt.Errorf("dimension %q", part)
		}
		a.shape = append(a.shape, n)
	}
	return nil
}

// npyKind turns NumPy's short name of a type into the long one and the order of bytes.
func npyKind(short string) (string, binary.ByteOrder) {
	var order binary.ByteOrder = binary.LittleEndian
	if strings.HasPrefix(short, ">") {
		order = binary.BigEndian
	}
	letters := strings.TrimLeft(short, "<>|=")
	if letters == "" {
		return "records", order
	}
	size, _ := strconv.Atoi(letters[1:])
	switch letters[0] {
	case 'f':
		return fmt.Sprintf("float%d", 8*size), order
	case 'i':
		return fmt.Sprintf("int%d", 8*size), order
	case 'u':
		return fmt.Sprintf("uint%d", 8*size), order
	case 'c':
		return fmt.Sprintf("complex%d", 8*size), order
	case 'b':
		return "bool", order
	case 'O':
		return "pickled Python objects", order
	case 'U', 'S':
		return "text", order
	case 'V': // NumPy forgets the names of types that other packages add
		return fmt.Sprintf("nameless elements of %d bytes (bfloat16 becomes that; save it as float32)", size), order
	}
	return short, order
}

// values reads the array's values, which follow its header, the last axis fastest. The caller has checked their size.
func (a npyArray) values(r io.Reader) ([]float32, error) {
	n := 1
	for _, d := range a.shape {
		n *= d
	}
	values, err := a.number.Read(r, int64(n))
	if err != nil || !a.fortran || len(a.shape) < 2 {
		return values, err
	}
	strides, stride := make([]int, len(a.shape)), 1 // in the file
	for k, d := range a.shape {
		strides[k], stride = stride, stride*d
	}
	out := make([]float32, len(values))
	index, from := make([]int, len(a.shape)), 0
	for i := range out {
		out[i] = values[from]
		for k := len(index) - 1; k >= 0; k-- {
			index[k]++
			from += strides[k]
			if index[k] < a.shape[k] {
				break
			}
			from -= index[k] * strides[k]
			index[k] = 0
		}
	}
	return out, nil
}
