// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

// check WHAT ... compares convolutions with plain sums: see convolve.c and depthwise.c, whose names WHAT is.

#include <string.h>

int convolve(int argc, char **argv);
int depthwise_too(int argc, char **argv);

int main(int argc, char **argv) {
  if (argc < 2) {
    return 2;
  }
  return strcmp(argv[1], "depthwise") == 0 ? depthwise_too(argc - 1, argv + 1) : convolve(argc - 1, argv + 1);
}
