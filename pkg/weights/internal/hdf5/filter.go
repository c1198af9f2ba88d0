// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package hdf5

import (
	"bytes"
	"cmp"
	"compress/zlib"
	"encoding/binary"
	"fmt"
	"io"
)

// deflateRatio is how many bytes one byte of compressed data can stand for at most.
const deflateRatio = 1032

// Numbers of filters (specification, IV.A.2.l, and the registry of the HDF Group).
const (
	deflate    = 1
	shuffle    = 2
	fletcher32 = 3
)

var filterNames = map[uint16]string{
	4: "szip", 5: "n-bit", 6: "scale-offset", 307: "bzip2", 32000: "LZF", 32001: "Blosc",
	32004: "LZ4", 32008: "bitshuffle", 32013: "ZFP", 32015: "Zstandard", 32026: "Blosc2",
}

// filter is one step on the way from values to what is stored.
type filter struct {
	id     uint16
	client []uint32 // its settings
}

type pipeline []filter

// filters reads the filter pipeline of a dataset, which may be empty.
func (o *Object) filters() (pipeline, error) {
	m, ok := o.first(msgFilter)
	if !ok {
		return nil, nil
	}
	c := cursor{b: m.data}
	version, count := c.u8(), c.u8()
	if version == 1 {
		c.skip(6)
	}
	if m.shared || version > 2 || version < 1 || count > 32 {
		return nil, fmt.Errorf("%w: a list of %d filters, version %d", ErrUnread, count, version)
	}
	var steps pipeline
	for range count {
		f := filter{id: c.u16()}
		length := uint64(0)
		if version == 1 || f.id >= 256 {
			length = uint64(c.u16())
		}
		c.skip(2)
		values := c.u16()
		if version == 1 {
			length += -length & 7
		}
		c.skip(length) // name
		for range values {
			if c.short {
				break
			}
			f.client = append(f.client, c.u32())
		}
		if version == 1 && values%2 == 1 {
			c.skip(4)
		}
		steps = append(steps, f)
	}
	return steps, cmp.Or(c.err("list of filters"), steps.check())
}

func (p pipeline) deflates() bool {
	for _, f := range p {
		if f.id == deflate {
			return true
		}
	}
	return false
}

// check returns an error that names the first filter that is not known here.
func (p pipeline) check() error {
	for _, f := range p {
		if f.id >= deflate && f.id <= fletcher32 {
			continue
		}
		name, ok := filterNames[f.id]
		if !ok {
			name = fmt.Sprintf("filter %d", f.id)
		}
		return fmt.Errorf("%w: compressed with %s; write it with gzip or as it is", ErrUnread, name)
	}
	return nil
}

// undo turns what is stored of a chunk into its values' bytes, of which there are size. The bits of mask say which
// filters were left out.
func (p pipeline) undo(stored []byte, mask uint32, size uint64) ([]byte, error) {
	for i := len(p) - 1; i >= 0; i-- {
		if mask>>i&1 != 0 {
			continue
		}
		var err error
		switch f := p[i]; f.id {
		case deflate:
			stored, err = inflate(stored, size+4) // with the checksum, if that was taken first
		case shuffle:
			if len(f.client) != 1 || f.client[0] == 0 {
				return nil, fmt.Errorf("%w: shuffled by %d", ErrFormat, f.client)
			}
			stored = unshuffle(stored, int(f.client[0]))
		case fletcher32:
			stored, err = checked(stored)
		}
		if err != nil {
			return nil, err
		}
	}
	if uint64(len(stored)) != size {
		return nil, fmt.Errorf("%w: a chunk has %d bytes, needs %d", ErrFormat, len(stored), size)
	}
	return stored, nil
}

// inflate unpacks at most so many bytes.
func inflate(b []byte, most uint64) ([]byte, error) {
	z, err := zlib.NewReader(bytes.NewReader(b))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFormat, err)
	}
	out := bytes.NewBuffer(make([]byte, 0, most))
	// One byte more, so that the checksum at the end is compared.
	if _, err := io.Copy(out, io.LimitReader(z, int64(most)+1)); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFormat, err)
	}
	return out.Bytes(), nil
}

// unshuffle puts the bytes of each element together again, of which the first bytes of all come first. What does not
// fill an element stays at the end.
func unshuffle(b []byte, size int) []byte {
	n := len(b) / size
	out := append(make([]byte, 0, len(b)), b...)
	for i := range n {
		for k := range size {
			out[i*size+k] = b[k*n+i]
		}
	}
	return out
}

// checked takes Fletcher's checksum off the end and compares it. It sums the bytes in pairs, the first the higher.
func checked(b []byte) ([]byte, error) {
	if len(b) < 4 {
		return nil, fmt.Errorf("%w: a chunk without its checksum", ErrFormat)
	}
	b, sum := b[:len(b)-4], binary.LittleEndian.Uint32(b[len(b)-4:])
	var low, high uint32
	for i := 0; i < len(b); i += 2 {
		pair := uint32(b[i]) << 8
		if i+1 < len(b) {
			pair |= uint32(b[i+1])
		}
		low = (low + pair) % 65535
		high = (high + low) % 65535
	}
	// The library folds the carries in, so that 65535 may stand for 0.
	if got := high<<16 | low; got>>16%65535 != sum>>16%65535 || got&0xffff != sum&0xffff%65535 {
		return nil, fmt.Errorf("%w: a chunk has the checksum %08x, not %08x", ErrFormat, got, sum)
	}
	return b, nil
}
