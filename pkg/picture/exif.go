// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package picture

import (
	"bytes"
	"encoding/binary"
	"math"
	"regexp"
)

// orientationTag is EXIF's number for it.
const orientationTag = 0x0112

// exifOrientation finds the orientation in what an EXIF block holds, a TIFF file in miniature, and says whether there
// is one. Like Pillow it takes all kinds of numbers but BYTE, and of several the first.
func exifOrientation(block []byte) (value float64, found bool) {
	for bytes.HasPrefix(block, []byte("Exif\x00\x00")) {
		block = block[6:]
	}
	var order binary.ByteOrder = binary.LittleEndian
	switch {
	case bytes.HasPrefix(block, []byte("MM\x00*")):
		order = binary.BigEndian
	case !bytes.HasPrefix(block, []byte("II*\x00")):
		return 0, false
	}
	part := func(at, length uint32) []byte {
		if uint64(at)+uint64(length) > uint64(len(block)) {
			return nil
		}
		return block[at : at+length]
	}
	if len(block) < 8 {
		return 0, false
	}
	first := order.Uint32(block[4:])
	count := part(first, 2)
	if count == nil {
		return 0, false
	}
	const length = 12 // of an entry
	for i := range uint32(order.Uint16(count)) {
		at := uint64(first) + 2 + uint64(i)*length
		if at > uint64(len(block)) {
			break
		}
		entry := part(uint32(at), length)
		if entry == nil {
			break
		}
		if order.Uint16(entry) == orientationTag {
			return tiffNumber(order, order.Uint16(entry[2:]), order.Uint32(entry[4:]), entry[8:], part)
		}
	}
	return 0, false
}

// tiffNumber is the first of an entry's values, which stand in its last four bytes or, if there are more, where these
// say (TIFF 6.0, section 2).
func tiffNumber(order binary.ByteOrder, kind uint16, count uint32, value []byte,
	part func(at, length uint32) []byte) (float64, bool) {
	sizes := map[uint16]uint32{1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8}
	all := uint64(sizes[kind]) * uint64(count)
	switch {
	case all == 0 || all > math.MaxUint32:
		return 0, false
	case all > 4:
		if value = part(order.Uint32(value), uint32(all)); value == nil {
			return 0, false
		}
	}
	switch kind {
	case 3: // SHORT
		return float64(order.Uint16(value)), true
	case 4: // LONG
		return float64(order.Uint32(value)), true
	case 5: // RATIONAL
		return float64(order.Uint32(value)) / float64(order.Uint32(value[4:])), true
	case 6: // SBYTE
		return float64(int8(value[0])), true
	case 8: // SSHORT
		return float64(int16(order.Uint16(value))), true
	case 9: // SLONG
		return float64(int32(order.Uint32(value))), true
	case 10: // SRATIONAL
		return float64(int32(order.Uint32(value))) / float64(int32(order.Uint32(value[4:]))), true
	case 11: // FLOAT
		return float64(math.Float32frombits(order.Uint32(value))), true
	case 12: // DOUBLE
		return math.Float64frombits(order.Uint64(value)), true
	}
	return 0, true // it is there, and no number
}

// xmpPattern is how Pillow looks for the orientation in XMP, as an attribute or an element.
var xmpPattern = regexp.MustCompile(`tiff:Orientation(?:="|>)([0-9])`)

// xmpOrientation finds the orientation in an XMP packet, 0 if it has none.
func xmpOrientation(packet []byte) int {
	if match := xmpPattern.FindSubmatch(packet); match != nil {
		return int(match[1][0] - '0')
	}
	return 0
}
