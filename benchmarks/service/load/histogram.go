package main

import (
	"math/bits"
	"time"
)

const fine = 6 // bits: a time is known to 1 part in 64

// histogram counts times in places whose width grows with them.
type histogram struct {
	places [64 << fine]int
	total  int
}

func (h *histogram) note(took time.Duration) {
	h.places[place(uint64(took))]++
	h.total++
}

func (h *histogram) add(other *histogram) {
	for at, count := range other.places {
		h.places[at] += count
	}
	h.total += other.total
}

// at gives the time, in seconds, within which a part of all answers came.
func (h *histogram) at(part float64) float64 {
	wanted := int(part * float64(h.total))
	for at, count := range h.places {
		if wanted -= count; wanted <= 0 && count > 0 {
			return float64(highest(at)) / 1e9
		}
	}
	return 0
}

func place(value uint64) int {
	if value < 1<<fine {
		return int(value)
	}
	shift := bits.Len64(value) - fine - 1
	return (shift+1)<<fine + int(value>>shift) - 1<<fine
}

func highest(place int) uint64 {
	if place < 1<<fine {
		return uint64(place)
	}
	shift := place>>fine - 1
	return uint64(place&(1<<fine-1)+1<<fine+1)<<shift - 1
}
