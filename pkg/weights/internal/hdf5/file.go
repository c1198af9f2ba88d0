// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package hdf5

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// signature is how every HDF5 file begins.
const signature = "\x89HDF\r\n\x1a\n"

var (
	// ErrFormat marks an error about what the file holds: it is damaged, truncated or lies.
	ErrFormat = errors.New("bad HDF5")
	// ErrUnread marks a part of HDF5 that is not read here, in a file that may well be whole.
	ErrUnread = errors.New("cannot be read")
)

const (
	metadataBudget = 32 << 20 // bytes of metadata read in all: a model's take a few kB
	objectBudget   = 20_000   // groups and datasets
	depthBudget    = 32       // groups within groups
	readBudget     = 100_000  // blocks of metadata
	undefined      = ^uint64(0)
)

// File is an open HDF5 file.
type File struct {
	r    io.ReaderAt
	size uint64
	root uint64 // address of the root group's object header
	left int    // metadata bytes that may still be read

	reads int // blocks of metadata read so far
}

// Find returns where the HDF5 in a file begins: at its start or, after a block that is the user's own, at 512 bytes or
// twice, four times and so on as many. ok is false when it begins nowhere.
func Find(r io.ReaderAt, size int64) (at int64, ok bool) {
	var b [len(signature)]byte
	for at = 0; at <= size-int64(len(b)); at = max(2*at, 512) {
		if _, err := r.ReadAt(b[:], at); err == nil && string(b[:]) == signature {
			return at, true
		}
	}
	return 0, false
}

// Open reads the superblock (specification, II.A). size is the file's size in bytes; r must stay open. All addresses
// in the file count from the superblock.
func Open(r io.ReaderAt, size int64) (*File, error) {
	at, _ := Find(r, size)
	f := &File{r: io.NewSectionReader(r, at, size-at), size: uint64(max(size-at, 0)), left: metadataBudget}
	head, err := f.read(0, min(f.size, 96), "superblock")
	if err != nil {
		return nil, err
	}
	if !bytes.HasPrefix(head, []byte(signature)) {
		return nil, fmt.Errorf("%w: no HDF5 signature", ErrFormat)
	}
	c := cursor{b: head[len(signature):]}
	var offsets, lengths uint8
	var base, end uint64
	switch version := c.u8(); version {
	case 0, 1:
		c.skip(4)
		offsets, lengths = c.u8(), c.u8()
		c.skip(1 + 2 + 2 + 4)
		if version == 1 {
			c.skip(4)
		}
		base = c.u64()
		c.skip(8) // free space
		end = c.u64()
		c.skip(8 + 8) // driver block, the root's name
		f.root = c.u64()
	case 2, 3:
		offsets, lengths = c.u8(), c.u8()
		c.skip(1)
		base = c.u64()
		c.skip(8) // extension
		end = c.u64()
		f.root = c.u64()
	default:
		return nil, fmt.Errorf("%w: superblock version %d", ErrUnread, version)
	}
	switch {
	case c.short:
		return nil, fmt.Errorf("%w: superblock cut short", ErrFormat)
	case offsets != 8 || lengths != 8:
		return nil, fmt.Errorf("%w: offsets of %d bytes, lengths of %d", ErrUnread, offsets, lengths)
	case base != 0 && base != uint64(at):
		return nil, fmt.Errorf("%w: base %d of a superblock at %d", ErrFormat, base, at)
	case end > uint64(size): // it counts from the file's start
		return nil, fmt.Errorf("%w: truncated: %d of %d bytes", ErrFormat, size, end)
	}
	return f, nil
}

// Walk calls visit for every group and dataset, a group before what is in it, each once. path is "/" for the
// root and "/a/b" below. It ends at the first error.
func (f *File) Walk(visit func(path string, o *Object) error) error {
	seen := map[uint64]bool{}
	var walk func(path string, address uint64, depth int) error
	walk = func(path string, address uint64, depth int) error {
		if seen[address] {
			return nil // a second name for the same object, or a circle
		}
		seen[address] = true
		if len(seen) > objectBudget || depth > depthBudget {
			return fmt.Errorf("%w: more than %d objects or %d levels", ErrFormat, objectBudget, depthBudget)
		}
		o, err := f.object(address)
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		if err := visit(path, o); err != nil {
			return err
		}
		links, err := o.links()
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		for _, l := range links {
			sub := path + "/" + l.name
			if path == "/" {
				sub = "/" + l.name
			}
			if err := walk(sub, l.address, depth+1); err != nil {
				return err
			}
		}
		return nil
	}
	return walk("/", f.root, 0)
}

// read returns n bytes of metadata at the address, if the file has them and the budget allows.
func (f *File) read(address, n uint64, what string) ([]byte, error) {
	if address > f.size || n > f.size-address {
		return nil, fmt.Errorf("%w: %s: %d bytes at %d are beyond the end of the file", ErrFormat, what, n, address)
	}
	if f.reads++; n > uint64(f.left) || f.reads > readBudget {
		return nil, fmt.Errorf("%w: more metadata than a model has (%d bytes, %d blocks)",
			ErrFormat, metadataBudget, readBudget)
	}
	f.left -= int(n)
	b := make([]byte, n)
	if read, err := f.r.ReadAt(b, int64(address)); read < len(b) {
		return nil, fmt.Errorf("%s: read %d bytes at %d: %w", what, n, address, err)
	}
	return b, nil
}

// signed is read, and checks the four letters that begin the block.
func (f *File) signed(address, n uint64, letters, what string) (cursor, error) {
	b, err := f.read(address, n, what)
	if err != nil {
		return cursor{}, err
	}
	if len(b) < 4 || string(b[:4]) != letters {
		return cursor{}, fmt.Errorf("%w: %s at %d does not begin with %s", ErrFormat, what, address, letters)
	}
	return cursor{b: b[4:]}, nil
}

// cursor takes little-endian numbers off the front of a block. After its end it gives zeros and sets short,
// so that a caller checks once.
type cursor struct {
	b     []byte
	short bool
}

func (c *cursor) take(n uint64) []byte {
	if n > uint64(len(c.b)) {
		c.short, c.b = true, nil
		return nil
	}
	out := c.b[:n]
	c.b = c.b[n:]
	return out
}

func (c *cursor) skip(n uint64) { c.take(n) }
func (c *cursor) u8() uint8     { return uint8(c.uint(1)) }
func (c *cursor) u16() uint16   { return uint16(c.uint(2)) }
func (c *cursor) u32() uint32   { return uint32(c.uint(4)) }
func (c *cursor) u64() uint64   { return c.uint(8) }

// uint takes a number of 1 to 8 bytes.
func (c *cursor) uint(bytes uint64) uint64 {
	var b [8]byte
	copy(b[:], c.take(bytes))
	return binary.LittleEndian.Uint64(b[:])
}

// err names the block that was too short, or returns nil.
func (c *cursor) err(what string) error {
	if c.short {
		return fmt.Errorf("%w: %s cut short", ErrFormat, what)
	}
	return nil
}
