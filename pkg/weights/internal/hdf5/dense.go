// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package hdf5

import (
	"fmt"
	"math/bits"
)

// denseLinks reads a group whose links are too many for its header: a B-tree of version 2 gives each link's
// place in a fractal heap (specification, III.A.2 and III.G).
func (f *File) denseLinks(b []byte) ([]link, error) {
	c := cursor{b: b}
	c.skip(1)
	flags := c.u8()
	if flags&1 != 0 {
		c.skip(8)
	}
	heapAt, treeAt := c.u64(), c.u64()
	if err := c.err("link info"); err != nil {
		return nil, err
	}
	if heapAt == undefined || treeAt == undefined {
		return nil, nil // the links are in the header
	}
	heap, err := f.fractalHeap(heapAt)
	if err != nil {
		return nil, err
	}
	ids, err := f.linkIDs(treeAt)
	if err != nil {
		return nil, err
	}
	var all []link
	for _, id := range ids {
		b, err := heap.object(id)
		if err != nil {
			return nil, err
		}
		more, err := parseLink(b)
		if err != nil {
			return nil, err
		}
		all = append(all, more...)
	}
	return all, nil
}

// linkIDs returns the heap IDs in a B-tree of link names (record type 5), of one or two levels: enough for
// some two thousand links.
func (f *File) linkIDs(address uint64) ([][]byte, error) {
	c, err := f.signed(address, 38, "BTHD", "link index")
	if err != nil {
		return nil, err
	}
	c.skip(1)
	kind, node, record, depth := c.u8(), c.u32(), c.u16(), c.u16()
	c.skip(2)
	root, count := c.u64(), c.u16()
	const idSize, hashSize = 7, 4
	if kind != 5 || record != hashSize+idSize || depth > 1 || node < 16 || node > 1<<16 {
		return nil, fmt.Errorf("%w: link index of type %d, depth %d, records of %d bytes",
			ErrFormat, kind, depth, record)
	}
	const head, tail = 6, 4 // signature, version and type; checksum
	perLeaf := (uint64(node) - head - tail) / uint64(record)
	records := func(c *cursor, n uint64) (ids [][]byte) {
		for range n {
			c.skip(hashSize)
			ids = append(ids, c.take(idSize))
		}
		return ids
	}
	leaf := func(address, n uint64) ([][]byte, error) {
		if n > perLeaf {
			return nil, fmt.Errorf("%w: link index leaf with %d records", ErrFormat, n)
		}
		c, err := f.signed(address, uint64(node), "BTLF", "link index leaf")
		if err != nil {
			return nil, err
		}
		c.skip(2)
		ids := records(&c, n)
		return ids, c.err("link index leaf")
	}
	if root == undefined || count == 0 {
		return nil, nil
	}
	if depth == 0 {
		return leaf(root, uint64(count))
	}
	c, err = f.signed(root, uint64(node), "BTIN", "link index node")
	if err != nil {
		return nil, err
	}
	c.skip(2)
	ids := records(&c, uint64(count))
	countSize := uint64(bits.Len64(perLeaf)+7) / 8
	for range uint64(count) + 1 {
		child, n := c.u64(), c.uint(countSize)
		if err := c.err("link index node"); err != nil {
			return nil, err
		}
		more, err := leaf(child, n)
		if err != nil {
			return nil, err
		}
		ids = append(ids, more...)
	}
	return ids, nil
}

// heap is a fractal heap whose blocks are all direct ones, that is, up to half a megabyte of links.
type heap struct {
	f                     *File
	blocks                []heapBlock
	offsetSize, countSize uint64 // bytes of the two numbers in an ID
}

type heapBlock struct{ start, size, address uint64 }

func (f *File) fractalHeap(address uint64) (*heap, error) {
	c, err := f.signed(address, 146, "FRHP", "link heap")
	if err != nil {
		return nil, err
	}
	c.skip(1 + 2)
	filters := c.u16()
	c.skip(1)
	largest := uint64(c.u32())
	c.skip(12 * 8)
	width, start, maxDirect, heapBits := uint64(c.u16()), c.u64(), c.u64(), c.u16()
	c.skip(2)
	root, rows := c.u64(), c.u16()
	if filters != 0 || heapBits == 0 || heapBits > 64 || bits.OnesCount64(start) != 1 || start > 1<<24 ||
		width == 0 || width > 1<<10 || rows > 64 {
		return nil, fmt.Errorf("%w: link heap at %d with %d columns, %d rows, blocks of %d",
			ErrFormat, address, width, rows, start)
	}
	h := &heap{f: f, offsetSize: uint64(heapBits+7) / 8, countSize: uint64(bits.Len64(min(maxDirect, largest))+7) / 8}
	if rows == 0 {
		h.blocks = []heapBlock{{0, start, root}}
		return h, nil
	}
	n := uint64(rows) * width
	table, err := f.signed(root, 4+1+8+h.offsetSize+8*n, "FHIB", "link heap table")
	if err != nil {
		return nil, err
	}
	table.skip(1 + 8 + h.offsetSize)
	at, size := uint64(0), start
	for row := range uint64(rows) {
		if row > 1 {
			size *= 2
		}
		if size > maxDirect {
			return nil, fmt.Errorf("%w: link heap of more than one table", ErrFormat)
		}
		for range width {
			h.blocks = append(h.blocks, heapBlock{at, size, table.u64()})
			at += size
		}
	}
	return h, table.err("link heap table")
}

// object returns the bytes that an ID stands for.
func (h *heap) object(id []byte) ([]byte, error) {
	c := cursor{b: id}
	if kind := c.u8(); kind != 0 {
		return nil, fmt.Errorf("%w: link heap ID of kind %#x", ErrFormat, kind)
	}
	at, n := c.uint(h.offsetSize), c.uint(h.countSize)
	if err := c.err("link heap ID"); err != nil {
		return nil, err
	}
	for _, b := range h.blocks {
		if at >= b.start && at-b.start < b.size {
			if in := at - b.start; n <= b.size-in && b.address <= h.f.size {
				return h.f.read(b.address+in, n, "link")
			}
		}
	}
	return nil, fmt.Errorf("%w: a link is outside its heap", ErrFormat)
}
