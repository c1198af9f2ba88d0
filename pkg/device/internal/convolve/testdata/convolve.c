// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

// check convolve compares convolutions with plain sums in double precision, with threads that help:
//
//   check convolve MOST SEED COUNT                                   COUNT random ones
//   check convolve MOST SEED BATCH HEIGHT WIDTH IN OUT FORM SPECIAL  one
//
// MOST is convscope_limit's. FORM has a bit each for backward, bias, relu, mask and rectify. SPECIAL is trial.h's.

#include "convolve.h"

#include "trial.h"

int convolve(int argc, char **argv);

enum { BACKWARD = 1, BIAS = 2, RELU = 4, MASK = 8, RECTIFY = 16 };

// expect is one output, and in size the largest of its products.
static double expect(const convolution *c, int64_t n, int64_t y, int64_t x, int64_t o) {
  double sum = 0;
  for (int64_t a = 0; a < 3; a++) {
    for (int64_t b = 0; b < 3; b++) {
      int64_t row = y + a - 1, column = x + b - 1;
      if (row < 0 || row >= c->height || column < 0 || column >= c->width) {
        continue;
      }
      for (int64_t i = 0; i < c->in; i++) {
        int64_t at = ((n * c->height + row) * c->width + column) * c->in + i;
        double v = c->x[at];
        if (c->mask != NULL) {
          v *= isnan(c->mask[at]) ? NAN : c->mask[at] >= 0;
        } else if (c->rectify && v < 0) {
          v = 0;
        }
        int64_t place = a * 3 + b;
        sum += v * (c->backward ? c->kernel[((8 - place) * c->out + o) * c->in + i] : c->kernel[(place * c->in + i) * c->out + o]);
      }
    }
  }
  sum += c->bias == NULL ? 0 : c->bias[o];
  return c->relu && sum < 0 ? 0 : sum;
}

static int compare(const convolution *c, int special) {
  // Measured: 8e-6 of the largest value times the largest weight, for each root of a channel.
  const double tolerance = 3e-5 * sqrt(c->in) + 1e-6;
  for (int64_t i = 0; i < c->batch * c->height * c->width * c->out; i++) {
    int64_t o = i % c->out, x = i / c->out % c->width, y = i / c->out / c->width % c->height, n = i / c->out / c->width / c->height;
    double want = expect(c, n, y, x, o), got = c->y[i];
    double limit = special & DENORMAL ? 1e-37 : special & HUGE_SUMS ? 1e38 * tolerance : tolerance;
    if (fabs(want) > 3e38 && special & HUGE_SUMS) {
      continue; // on the edge of what float32 holds: either
    }
    int right = isnan(want) ? isnan(got) : isinf(want) ? want == got : fabs(want - got) <= limit;
    if (special & HUGE_SUMS && !isfinite(got) && fabs(want) > 1e37) {
      right = 1; // partial sums may overflow in float32
    }
    if (!right) {
      printf("%lld x %lld x %lld, %lld to %lld: %g instead of %g at %lld %lld %lld %lld\n", (long long)c->batch, (long long)c->height,
             (long long)c->width, (long long)c->in, (long long)c->out, got, want, (long long)n, (long long)y, (long long)x, (long long)o);
      return 1;
    }
  }
  return 0;
}

static int try(int64_t batch, int64_t height, int64_t width, int64_t in, int64_t out, int form, int special) {
  convolution c = {.batch = batch, .height = height, .width = width, .in = in, .out = out,
                   .backward = (form & BACKWARD) != 0, .relu = (form & RELU) != 0};
  size_t pixels = batch * height * width;
  float *x = values(pixels * in, special), *kernel = values(9 * in * out, special & ~HUGE_SUMS & ~DENORMAL);
  float *bias = values(out, special & ~HUGE_SUMS), *mask = values(pixels * in, special & NANS), *y = values(pixels * out, 0);
  c.x = x, c.kernel = kernel, c.y = y;
  c.bias = form & BIAS ? bias : NULL, c.mask = form & MASK ? mask : NULL, c.rectify = !(form & MASK) && form & RECTIFY;
  crowd all = {.count = 0};
  helpers h = {&all, next() % 4, run};
  int wrong = convscope_convolve(&c, &h);
  if (wrong) {
    printf("no memory\n");
  }
  meet(&all);
  wrong = wrong || compare(&c, special);
  free(x), free(kernel), free(bias), free(mask), free(y);
  return wrong;
}

int convolve(int argc, char **argv) {
  if (argc != 4 && argc != 10) {
    return 2;
  }
  printf("%s\n", convscope_limit(atoi(argv[1])));
  state = strtoull(argv[2], NULL, 10);
  if (argc == 10) {
    return try(atoll(argv[3]), atoll(argv[4]), atoll(argv[5]), atoll(argv[6]), atoll(argv[7]), atoi(argv[8]), atoi(argv[9]));
  }
  int wrong = 0;
  for (int i = 0; i < atoi(argv[3]); i++) {
    int64_t side = i % 4 == 0 ? 40 : 16, channels = i % 3 == 0 ? 96 : 40;
    int64_t in = 1 + next() % (i % 5 == 1 ? 9 : channels), out = 1 + next() % (i % 5 == 3 ? 9 : channels);
    wrong += try(1 + next() % 3, 1 + next() % side, 1 + next() % side, in, out, next() % 32,
                 i % 2 == 0 ? 0 : 1 << next() % 5);
  }
  return wrong != 0;
}
