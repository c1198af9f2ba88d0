// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package hdf5

import (
	"bytes"
	"fmt"
)

// link is a name in a group and the address of the object header that it stands for.
type link struct {
	name    string
	address uint64
}

// links returns the hard links of a group, in the file's order. A dataset has none. Soft and external links
// are left out: they lead nowhere that Keras writes to.
func (o *Object) links() ([]link, error) {
	var all []link
	for _, m := range o.messages {
		var more []link
		var err error
		switch m.kind {
		case msgLink:
			more, err = parseLink(m.data)
		case msgLinkInfo:
			more, err = o.f.denseLinks(m.data)
		case msgSymbolTable:
			more, err = o.f.symbolTable(m.data)
		}
		if err != nil {
			return nil, err
		}
		all = append(all, more...)
	}
	return all, nil
}

// parseLink reads a link message (specification, IV.A.2.g).
func parseLink(b []byte) ([]link, error) {
	c := cursor{b: b}
	version, flags := c.u8(), c.u8()
	if !c.short && version != 1 {
		return nil, fmt.Errorf("%w: link version %d", ErrFormat, version)
	}
	kind := uint8(0)
	if flags&0x08 != 0 {
		kind = c.u8()
	}
	if flags&0x04 != 0 {
		c.skip(8) // creation order
	}
	if flags&0x10 != 0 {
		c.skip(1) // character set
	}
	name := string(c.take(c.uint(1 << (flags & 3))))
	if kind != 0 || c.short {
		return nil, c.err("link")
	}
	address := c.u64()
	return []link{{name, address}}, c.err("link")
}

// symbolTable reads an old-style group: a B-tree of name nodes and a heap of names (specification, III.A to III.D).
func (f *File) symbolTable(b []byte) ([]link, error) {
	c := cursor{b: b}
	tree, heap := c.u64(), c.u64()
	if err := c.err("symbol table"); err != nil {
		return nil, err
	}
	h, err := f.signed(heap, 32, "HEAP", "local heap")
	if err != nil {
		return nil, err
	}
	h.skip(4)
	size := h.u64()
	h.skip(8)
	names, err := f.read(h.u64(), size, "local heap")
	if err != nil {
		return nil, err
	}
	return f.symbolNodes(tree, names, 0)
}

func (f *File) symbolNodes(tree uint64, names []byte, depth int) ([]link, error) {
	t, err := f.signed(tree, 24, "TREE", "group index")
	if err != nil {
		return nil, err
	}
	kind, level, used := t.u8(), t.u8(), t.u16()
	if kind != 0 || depth > depthBudget {
		return nil, fmt.Errorf("%w: group index at %d has type %d, depth %d", ErrFormat, tree, kind, depth)
	}
	b, err := f.read(tree+24, uint64(used)*16+8, "group index")
	if err != nil {
		return nil, err
	}
	c := cursor{b: b}
	var all []link
	for range used {
		c.skip(8) // key
		child := c.u64()
		var more []link
		if level > 0 {
			more, err = f.symbolNodes(child, names, depth+1)
		} else {
			more, err = f.symbolNode(child, names)
		}
		if err != nil {
			return nil, err
		}
		if all = append(all, more...); len(all) > objectBudget {
			return nil, fmt.Errorf("%w: more than %d names in a group", ErrFormat, objectBudget)
		}
	}
	return all, nil
}

func (f *File) symbolNode(address uint64, names []byte) ([]link, error) {
	n, err := f.signed(address, 8, "SNOD", "group node")
	if err != nil {
		return nil, err
	}
	n.skip(2)
	count := n.u16()
	b, err := f.read(address+8, uint64(count)*40, "group node")
	if err != nil {
		return nil, err
	}
	c := cursor{b: b}
	var all []link
	for range count {
		at, object, cache := c.u64(), c.u64(), c.u32()
		c.skip(4 + 16)
		if cache == 2 { // a soft link
			continue
		}
		if at >= uint64(len(names)) {
			return nil, fmt.Errorf("%w: a name in the group node at %d is outside its heap", ErrFormat, address)
		}
		name, _, _ := bytes.Cut(names[at:], []byte{0})
		all = append(all, link{string(name), object})
	}
	return all, nil
}
