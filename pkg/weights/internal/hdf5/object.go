// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package hdf5

import "fmt"

// Types of header messages (specification, IV.A.2).
const (
	msgDataspace    = 0x01
	msgLinkInfo     = 0x02
	msgDatatype     = 0x03
	msgLink         = 0x06
	msgExternal     = 0x07
	msgLayout       = 0x08
	msgFilter       = 0x0b
	msgAttribute    = 0x0c
	msgContinuation = 0x10
	msgSymbolTable  = 0x11
)

// messageBudget is how many messages one object may have.
const messageBudget = 10_000

// Object is a group or a dataset.
type Object struct {
	f        *File
	messages []message
}

type message struct {
	kind   uint16
	shared bool // the data is elsewhere; not followed
	data   []byte
}

// IsDataset reports whether the object holds data rather than other objects.
func (o *Object) IsDataset() bool {
	_, ok := o.first(msgLayout)
	return ok
}

func (o *Object) first(kind uint16) (message, bool) {
	for _, m := range o.messages {
		if m.kind == kind {
			return m, true
		}
	}
	return message{}, false
}

// object reads the object header at the address, with all its continuations (specification, IV.A.1).
func (f *File) object(address uint64) (*Object, error) {
	o := &Object{f: f}
	first, err := f.read(address, 4, "object header")
	if err != nil {
		return nil, err
	}
	if string(first) == "OHDR" {
		err = o.headerV2(address)
	} else if first[0] == 1 {
		err = o.headerV1(address)
	} else {
		err = fmt.Errorf("%w: no object header at %d", ErrFormat, address)
	}
	return o, err
}

type block struct{ address, size uint64 }

func (o *Object) headerV1(address uint64) error {
	b, err := o.f.read(address, 16, "object header")
	if err != nil {
		return err
	}
	c := cursor{b: b[8:]}
	todo := []block{{address + 16, uint64(c.u32())}}
	for len(todo) > 0 {
		next := todo[0]
		todo = todo[1:]
		b, err := o.f.read(next.address, next.size, "object header block")
		if err != nil {
			return err
		}
		c := cursor{b: b}
		for len(c.b) >= 8 {
			kind, size, flags := c.u16(), c.u16(), c.u8()
			c.skip(3)
			more, err := o.add(kind, flags, c.take(uint64(size)))
			if err != nil {
				return err
			}
			todo = append(todo, more...)
		}
		if err := c.err("object header block"); err != nil {
			return err
		}
	}
	return nil
}

func (o *Object) headerV2(address uint64) error {
	const most = 4 + 2 + 16 + 4 + 8
	b, err := o.f.read(address, min(most, o.f.size-address), "object header")
	if err != nil {
		return err
	}
	c := cursor{b: b[4:]}
	version, flags := c.u8(), c.u8()
	if version != 2 {
		return fmt.Errorf("%w: object header version %d", ErrFormat, version)
	}
	if flags&0x20 != 0 {
		c.skip(16) // times
	}
	if flags&0x10 != 0 {
		c.skip(4) // when to store attributes elsewhere
	}
	size := c.uint(1 << (flags & 3))
	if err := c.err("object header"); err != nil {
		return err
	}
	todo := []block{{address + uint64(len(b)-len(c.b)), size}}
	for i := 0; i < len(todo); i++ {
		b, err := o.f.read(todo[i].address, todo[i].size, "object header block")
		if err != nil {
			return err
		}
		c := cursor{b: b}
		if i > 0 { // a continuation has its own signature, and a checksum within its size
			if len(b) < 8 || string(b[:4]) != "OCHK" {
				return fmt.Errorf("%w: no header continuation at %d", ErrFormat, todo[i].address)
			}
			c.b = b[4 : len(b)-4]
		}
		head := 4
		if flags&4 != 0 {
			head = 6
		}
		for len(c.b) >= head { // less than a message's head is a gap
			kind, size, mflags := c.u8(), c.u16(), c.u8()
			c.skip(uint64(head - 4))
			more, err := o.add(uint16(kind), mflags, c.take(uint64(size)))
			if err != nil {
				return err
			}
			todo = append(todo, more...)
		}
		if err := c.err("object header block"); err != nil {
			return err
		}
	}
	return nil
}

// add keeps a message, or returns the block that a continuation message points to. Circles of continuations
// end at the budgets for messages and for metadata.
func (o *Object) add(kind uint16, flags uint8, data []byte) ([]block, error) {
	if kind == msgContinuation {
		c := cursor{b: data}
		more := block{c.u64(), c.u64()}
		if more.size == 0 {
			c.short = true // costs no metadata, so that a circle of them would not end
		}
		return []block{more}, c.err("continuation message")
	}
	if len(o.messages) >= messageBudget {
		return nil, fmt.Errorf("%w: more than %d header messages", ErrFormat, messageBudget)
	}
	o.messages = append(o.messages, message{kind: kind, shared: flags&2 != 0, data: data})
	return nil, nil
}
