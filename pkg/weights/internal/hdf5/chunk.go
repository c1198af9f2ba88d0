// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package hdf5

import (
	"fmt"
	"math"
	"slices"

	"convscope/pkg/weights/internal/number"
)

// chunkBudget is how many chunks a dataset may have. h5py's own choice gives a kernel of 9 MB some 200.
const chunkBudget = 100_000

// chunk is where a part of a dataset is stored.
type chunk struct {
	index         int // counted over the grid of chunks, the last axis fastest
	address, size uint64
	mask          uint32 // filters that were left out
}

// grid is how a dataset is cut into chunks.
type grid struct {
	shape, part, count []int // of the dataset, of a chunk, of the chunks
	bytes              uint64
}

// chunked reads a dataset that is stored in parts of equal shape (specification, IV.A.2.i).
func (o *Object) chunked(shape []int, kind number.Type, version uint8, c cursor, steps pipeline) ([]float32, error) {
	var g grid
	var list []chunk
	var err error
	unfiltered := false // chunks that the dataset fills in part only
	if version == 3 {
		rank, tree := c.u8(), c.u64()
		if g, err = newGrid(shape, kind, &c, rank, 4); err == nil {
			list, err = o.f.chunkTree(tree, g, -1)
		}
	} else {
		flags, rank, width := c.u8(), c.u8(), c.u8()
		unfiltered = flags&1 != 0
		if g, err = newGrid(shape, kind, &c, rank, width); err == nil {
			list, err = o.chunkIndex(c, flags, g, steps)
		}
	}
	if err != nil {
		return nil, err
	}
	if len(list) != g.total() {
		return nil, fmt.Errorf("%w: %d of %d chunks were written", ErrFormat, len(list), g.total())
	}
	if err := o.f.checkChunks(list, g, steps); err != nil {
		return nil, err
	}
	out := make([]float32, product(shape))
	for _, part := range list {
		stored := make([]byte, part.size)
		if n, err := o.f.r.ReadAt(stored, int64(part.address)); n < len(stored) {
			return nil, fmt.Errorf("read chunk: %w", err)
		}
		if unfiltered && g.isPartial(part.index) {
			part.mask = math.MaxUint32
		}
		b, err := steps.undo(stored, part.mask, g.bytes)
		if err != nil {
			return nil, err
		}
		g.copy(out, b, part.index, kind)
	}
	return out, nil
}

// checkChunks checks that each chunk is in the file, with room for what it shall hold, and that they take no more than
// the file has.
func (f *File) checkChunks(list []chunk, g grid, steps pipeline) error {
	seen, total, ratio := make([]bool, len(list)), uint64(0), uint64(1)
	if steps.deflates() {
		ratio = deflateRatio
	}
	for _, part := range list {
		total += part.size
		switch {
		case part.index >= len(seen) || seen[part.index]:
			return fmt.Errorf("%w: a chunk is there twice", ErrFormat)
		case part.address > f.size || part.size > f.size-part.address || total > f.size:
			return fmt.Errorf("%w: a chunk is beyond the end of the file", ErrFormat)
		case part.size*ratio < g.bytes || len(steps) == 0 && part.size != g.bytes:
			return fmt.Errorf("%w: a chunk of %d bytes cannot hold %d", ErrFormat, part.size, g.bytes)
		}
		seen[part.index] = true
	}
	return nil
}

// newGrid reads a chunk's shape, which has one axis more, for the bytes of an element.
func newGrid(shape []int, kind number.Type, c *cursor, rank, width uint8) (grid, error) {
	g := grid{shape: shape, bytes: uint64(kind.Size)}
	if int(rank) != len(shape)+1 || width < 1 || width > 8 {
		return g, fmt.Errorf("%w: chunks of %d axes for the shape %v", ErrFormat, rank, shape)
	}
	total := 1
	for _, d := range shape {
		n := c.uint(uint64(width))
		if n == 0 || n > math.MaxInt32 || g.bytes > math.MaxInt32/n {
			return g, fmt.Errorf("%w: a chunk of %d along an axis of %d", ErrFormat, n, d)
		}
		g.bytes *= n
		g.part = append(g.part, int(n))
		g.count = append(g.count, (d+int(n)-1)/int(n))
		if total *= g.count[len(g.count)-1]; total > chunkBudget {
			return g, fmt.Errorf("%w: more than %d chunks", ErrUnread, chunkBudget)
		}
	}
	if size := c.uint(uint64(width)); size != uint64(kind.Size) {
		return g, fmt.Errorf("%w: elements of %d bytes, of a type of %d", ErrFormat, size, kind.Size)
	}
	return g, c.err("layout")
}

func (g grid) total() int { return product(g.count) }

// isPartial says whether the chunk reaches beyond the dataset.
func (g grid) isPartial(index int) bool {
	for k, at := range number.Place(index, g.count) {
		if (at+1)*g.part[k] > g.shape[k] {
			return true
		}
	}
	return false
}

// copy puts a chunk's values in their places, row by row along the last axis.
func (g grid) copy(out []float32, b []byte, index int, kind number.Type) {
	place := number.Place(index, g.count)
	last := len(g.shape) - 1
	if last < 0 {
		kind.Decode(out, b)
		return
	}
	row := slices.Clone(place) // in the chunk
	for i := range product(g.part[:last]) {
		copy(row, number.Place(i, g.part[:last]))
		to, inside := 0, true
		for k := range last {
			at := place[k]*g.part[k] + row[k]
			inside = inside && at < g.shape[k]
			to = to*g.shape[k] + at
		}
		if !inside {
			continue
		}
		from := place[last] * g.part[last]
		n := min(g.part[last], g.shape[last]-from)
		kind.Decode(out[to*g.shape[last]+from:][:n], b[int64(i*g.part[last])*kind.Size:])
	}
}

func product(shape []int) int {
	n := 1
	for _, d := range shape {
		n *= d
	}
	return n
}
