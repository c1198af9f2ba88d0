// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package sample_test

import (
	"fmt"

	"convscope/pkg/sample"
)

func Example() {
	for _, name := range sample.Names() {
		photo, err := sample.About(name)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(photo.Name, "shows:", photo.Class)
	}
	_, err := sample.About("rokket")
	fmt.Println(err)
	// Output:
	// astronaut shows: astronaut
	// chelsea shows: cat
	// coffee shows: coffee
	// motorcycle shows: motorcycle
	// rocket shows: rocket
	// there is no sample photograph "rokket": did you mean rocket? (all: astronaut, chelsea, coffee, motorcycle, rocket)
}
