// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package ascent

// NamedMethod is a method with a name of its own.
type NamedMethod struct {
	Name string
	// About says in a line what it is and where it comes from.
	About string
	Method
}

// Methods lists the named methods, the book's first.
func Methods() []NamedMethod {
	return []NamedMethod{
		{"book", "the book's 1st edition, 5.4: pixels, RMS-normalised steps, channels as they are (Chollet 2017)",
			Method{}},
		{"book2", "the book's 2nd and 3rd editions: border left out, L2-normalised steps, colours as photographs " +
			"(Chollet 2021, 2025)", Method{
			Image: Pixels{Low: 0.4 * 255, High: 0.6 * 255}, Photographic: true, Border: 2, Optimizer: L2Normalized{},
			Stretch: 64. / 255, Trim: 25, Size: 200, Steps: 30, Step: 10 * 255,
		}},
		{"keras-io", "the example on keras.io: as book2, from another noise, with another contrast (Chollet 2020)",
			Method{
				Image: Pixels{Low: 127.5 * (1 - 0.125), High: 127.5 * (1 + 0.125)}, Photographic: true, Border: 2,
				Optimizer: L2Normalized{}, Stretch: 0.15, Trim: 25, Size: 180, Steps: 30, Step: 10 * 127.5,
			}},
		{"lucid", "Fourier spectrum, decorrelated colours, random transforms, Adam (Olah, Mordvintsev and " +
			"Schubert 2017; Lucid)", Method{
			Image: Fourier{}, Color: Decorrelated, Photographic: true, Transforms: Lucid(),
			Optimizer: Adam{}, Wake: true, Size: 128, Steps: 512, Step: 0.05,
		}},
		{"maco", "phases under the magnitudes of photographs, seen in crops (Fel et al. 2023; Xplique, Horama)",
			Method{
				Image: MaCo{}, Color: Decorrelated, Photographic: true,
				Transforms: []Transform{Crops(4, 96, 0.5, 0.05), Grain(0.08)}, Optimizer: NAdam{}, Wake: true,
				Size: 192, Steps: 256, Step: 1,
			}},
		{"crisp", "ours: Fourier spectrum, decorrelated colours, a little jitter and zoom, border left out, " +
			"Adam, few steps", Method{
			Image: Fourier{}, Color: Decorrelated, Photographic: true,
			Transforms: []Transform{Jitter(8), Scale(0.95, 1.05), Jitter(4)}, Border: 1, Optimizer: Adam{}, Wake: true,
			Steps: 96, Step: 0.05,
		}},
	}
}
