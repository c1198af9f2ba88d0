// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package page_test

import (
	"context"
	"errors"
	"fmt"

	"convscope/display/page"
)

// Outside a notebook there is nobody to wait for.
func ExampleOpen() {
	_, err := page.Open(context.Background(), page.Options{Markup: `<button data-name="more">More</button>`})
	fmt.Println(errors.Is(err, page.ErrNobody), err)
	// Output: true no browser shows this cell
}
