// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package hdf5

import (
	"cmp"
	"fmt"

	"convscope/pkg/weights/internal/number"
)

// chunkTree reads the old index of chunks, a B-tree of version 1 (specification, III.A.1). level is the node's, or -1
// for any.
func (f *File) chunkTree(address uint64, g grid, level int) ([]chunk, error) {
	if address == undefined {
		return nil, nil // nothing was written
	}
	t, err := f.signed(address, 24, "TREE", "chunk index")
	if err != nil {
		return nil, err
	}
	kind, own, used := t.u8(), int(t.u8()), t.u16()
	if kind != 1 || level >= 0 && own != level || own > depthBudget {
		return nil, fmt.Errorf("%w: chunk index at %d has type %d, level %d", ErrFormat, address, kind, own)
	}
	key := 8 + 8*uint64(len(g.shape)+1)
	b, err := f.read(address+24, uint64(used)*(key+8), "chunk index")
	if err != nil {
		return nil, err
	}
	c := cursor{b: b}
	var all []chunk
	for range used {
		part := chunk{size: uint64(c.u32()), mask: c.u32()}
		for k := range g.shape {
			at := c.u64() / uint64(g.part[k])
			if at >= uint64(g.count[k]) && own == 0 {
				return nil, fmt.Errorf("%w: a chunk outside the dataset", ErrFormat)
			}
			part.index = part.index*g.count[k] + int(at)
		}
		c.skip(8)
		part.address = c.u64()
		more := []chunk{part}
		if own > 0 {
			more, err = f.chunkTree(part.address, g, own-1)
		}
		if err != nil {
			return nil, err
		}
		if all = append(all, more...); len(all) > g.total() {
			return nil, fmt.Errorf("%w: more chunks than the dataset has", ErrFormat)
		}
	}
	return all, c.err("chunk index")
}

// Kinds of today's indexes of chunks.
const (
	singleChunk = 1
	implicit    = 2
	fixedArray  = 3
)

// chunkIndex reads one of the indexes that came with version 4 of the layout message (specification, IV.A.2.i and
// VII).
func (o *Object) chunkIndex(c cursor, flags uint8, g grid, steps pipeline) ([]chunk, error) {
	kind := c.u8()
	if kind == singleChunk {
		part := chunk{size: g.bytes}
		if flags&2 != 0 {
			part.size, part.mask = c.u64(), c.u32()
		}
		part.address = c.u64()
		return written([]chunk{part}), c.err("layout")
	}
	_, most, err := o.shapes()
	if err != nil {
		return nil, err
	}
	if most == nil || kind != implicit && kind != fixedArray {
		return nil, fmt.Errorf("%w: it can grow, and its chunks are in an index of kind %d; "+
			"write it without maxshape, or not with libver=\"latest\"", ErrUnread, kind)
	}
	all := g // of what the dataset may become: so the index counts
	all.count = make([]int, len(most))
	total := 1
	for k, d := range most {
		all.count[k] = (d + g.part[k] - 1) / g.part[k]
		if total *= all.count[k]; total > chunkBudget {
			return nil, fmt.Errorf("%w: more than %d chunks", ErrUnread, chunkBudget)
		}
	}
	var list []chunk
	if kind == implicit {
		address := c.u64()
		for i := range total {
			list = append(list, chunk{index: i, address: address + uint64(i)*g.bytes, size: g.bytes})
		}
	} else {
		c.skip(1)
		list, err = o.f.fixedArray(c.u64(), all, len(steps) > 0)
	}
	if err = cmp.Or(c.err("layout"), err); err != nil {
		return nil, err
	}
	there := list[:0]
	for _, part := range list {
		at, inside := 0, true
		for k, i := range number.Place(part.index, all.count) {
			at, inside = at*g.count[k]+i, inside && i < g.count[k]
		}
		if part.index = at; inside {
			there = append(there, part)
		}
	}
	return there, nil
}

// fixedArray reads the index of a dataset that cannot grow without bound (specification, VII.C).
func (f *File) fixedArray(address uint64, g grid, filtered bool) ([]chunk, error) {
	if address == undefined {
		return nil, nil
	}
	h, err := f.signed(address, 28, "FAHD", "chunk array")
	if err != nil {
		return nil, err
	}
	h.skip(2)
	entry, pageBits, count, at := uint64(h.u8()), h.u8(), h.u64(), h.u64()
	wide := uint64(8) // the address
	if filtered {
		wide = 8 + 4 + 1 // and at least a byte of the size, and the mask
	}
	if entry < wide || entry > 20 || pageBits > 31 || count != uint64(g.total()) {
		return nil, fmt.Errorf("%w: chunk array of %d entries of %d bytes", ErrFormat, count, entry)
	}
	if at == undefined {
		return nil, nil
	}
	const head, checksum = 4 + 2 + 8, 4
	page, pages := count, uint64(0)
	if page > 1<<pageBits {
		page = 1 << pageBits
		pages = (count + page - 1) / page
	}
	block, err := f.signed(at, head+(pages+7)/8, "FADB", "chunk array")
	if err != nil {
		return nil, err
	}
	block.skip(2 + 8)
	used := block.b // a bit for each page
	at += head + (pages+7)/8
	if pages > 0 {
		at += checksum
	}
	var list []chunk
	for first := uint64(0); first < count; first += page {
		n := min(page, count-first)
		if k := first / page; pages == 0 || used[k/8]>>(7-k%8)&1 != 0 {
			b, err := f.read(at, n*entry, "chunk array")
			if err != nil {
				return nil, err
			}
			c := cursor{b: b}
			for i := range n {
				part := chunk{index: int(first + i), address: c.u64(), size: g.bytes}
				if filtered {
					part.size, part.mask = c.uint(entry-12), c.u32()
				}
				list = append(list, part)
			}
		}
		at += n*entry + checksum
	}
	return written(list), nil
}

// written leaves out the chunks that have no place in the file.
func written(list []chunk) []chunk {
	var there []chunk
	for _, c := range list {
		if c.address != undefined {
			there = append(there, c)
		}
	}
	return there
}
