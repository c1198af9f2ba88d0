// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

// check depthwise compares depthwise convolutions with plain sums in double precision, and with themselves on one thread:
//
//   check depthwise MOST SEED COUNT  COUNT random ones
//   check depthwise MOST SEED BATCH CHANNELS HEIGHT WIDTH TAPS TAPS STRIDE STRIDE LOW LOW SPREAD SPREAD REACH REACH MORE MORE
//                   FORM SPECIAL     one
//
// MOST is convscope_limit's. Numbers for two directions stand next to each other. MORE is how much padding there is at
// the end. FORM has a bit each for turned, bias, relu, with that a bound of 1, and without it an array that is between
// 0 and 1 where the result counts. SPECIAL is trial.h's.

#include "depthwise.h"

#include "trial.h"

#include "convolve.h"

int depthwise_too(int argc, char **argv);

enum { TURNED = 1, BIAS = 2, RELU = 4, MOST = 8, AFTER = 16 };

// reached says whether a tap falls on a value of x, and where.
static int reached(const depthwise *d, int direction, int64_t out, int64_t tap, int64_t *at) {
  int64_t q = out * d->stride[direction] + tap * d->reach[direction] - d->low[direction];
  *at = q / d->spread[direction];
  return q >= 0 && q % d->spread[direction] == 0 && *at < d->size[direction];
}

// expect is one output. The sum of what it is summed up from, all made positive, is in extent.
static double expect(const depthwise *d, int64_t n, int64_t i, int64_t j, int64_t c, double *extent) {
  const float *after = d->after == NULL ? NULL : d->after + ((n * d->out[0] + i) * d->out[1] + j) * d->channels + c;
  double sum = d->bias == NULL ? 0 : d->bias[c];
  *extent = fabs(sum);
  for (int64_t a = 0; a < d->taps[0]; a++) {
    for (int64_t b = 0; b < d->taps[1]; b++) {
      int64_t row, column;
      if (!reached(d, 0, i, a, &row) || !reached(d, 1, j, b, &column)) {
        continue;
      }
      int64_t place = a * d->taps[1] + b;
      double weight = d->kernel[(d->turned ? d->taps[0] * d->taps[1] - 1 - place : place) * d->channels + c];
      double product = weight * d->x[((n * d->size[0] + row) * d->size[1] + column) * d->channels + c];
      sum += product, *extent += fabs(product);
    }
  }
  if (after != NULL && !(*after > 0 && *after < d->most)) {
    *extent = 0;
    return 0;
  }
  return d->relu && sum < 0 ? 0 : d->relu && d->most > 0 && sum > d->most ? d->most : sum;
}

static int compare(const depthwise *d) {
  for (int64_t k = 0; k < d->batch * d->out[0] * d->out[1] * d->channels; k++) {
    int64_t c = k % d->channels, j = k / d->channels % d->out[1], i = k / d->channels / d->out[1] % d->out[0];
    double extent, want = expect(d, k / d->channels / d->out[1] / d->out[0], i, j, c, &extent), got = d->y[k];
    int right = isnan(want) ? isnan(got) : isinf(want) ? want == got : fabs(want - got) <= 1e-6 * extent + 1e-44;
    if (isfinite(want) && extent > 3e38) {
      right = 1; // partial sums may overflow in float32
    }
    if (!right) {
      printf("%g instead of %g at %lld %lld, channel %lld\n", got, want, (long long)i, (long long)j, (long long)c);
      return 1;
    }
  }
  return 0;
}

// try takes the numbers of one convolution in the order above, from BATCH on.
static int try(const int64_t *v) {
  depthwise d = {.batch = v[0], .channels = v[1]};
  for (int i = 0; i < 2; i++) {
    d.size[i] = v[2 + i], d.taps[i] = v[4 + i], d.stride[i] = v[6 + i], d.low[i] = v[8 + i], d.spread[i] = v[10 + i];
    d.reach[i] = v[12 + i];
    int64_t all = (d.size[i] - 1) * d.spread[i] + 1 + d.low[i] + v[14 + i], window = (d.taps[i] - 1) * d.reach[i] + 1;
    d.out[i] = all < window ? 0 : (all - window) / d.stride[i] + 1;
  }
  int form = v[16], special = v[17];
  d.turned = (form & TURNED) != 0, d.relu = (form & RELU) != 0;
  int has_after = form & AFTER && !d.relu;
  d.most = has_after || form & MOST ? 1 : 0;
  size_t outputs = d.batch * d.out[0] * d.out[1] * d.channels;
  float *x = values(d.batch * d.size[0] * d.size[1] * d.channels, special);
  float *kernel = values(d.taps[0] * d.taps[1] * d.channels, special & ~HUGE_SUMS & ~DENORMAL);
  float *bias = values(d.channels, special & ~HUGE_SUMS), *y = values(outputs, 0), *alone = values(outputs, 0);
  float *after = values(outputs, 0);
  for (size_t k = 0; k < outputs; k += 5) {
    after[k] = k % 3 == 0 ? 0 : k % 3 == 1 ? 1 : NAN;
  }
  d.after = has_after ? after : NULL;
  d.x = x, d.kernel = kernel, d.y = y, d.bias = form & BIAS ? bias : NULL;
  crowd all = {.count = 0};
  helpers h = {&all, next() % 4, run};
  int wrong = convscope_depthwise(&d, &h);
  meet(&all);
  wrong = wrong || compare(&d);
  d.y = alone;
  wrong = wrong || convscope_depthwise(&d, NULL) || memcmp(y, alone, outputs * sizeof *y) != 0;
  if (wrong) {
    for (int i = 0; i < 18; i++) {
      printf(" %lld", (long long)v[i]);
    }
    printf(" is wrong\n");
  }
  free(x), free(kernel), free(bias), free(y), free(alone), free(after);
  return wrong;
}

int depthwise_too(int argc, char **argv) {
  if (argc != 4 && argc != 21) {
    return 2;
  }
  printf("%s\n", convscope_limit(atoi(argv[1])));
  state = strtoull(argv[2], NULL, 10);
  int64_t v[18];
  if (argc == 21) {
    for (int i = 0; i < 18; i++) {
      v[i] = atoll(argv[3 + i]);
    }
    return try(v);
  }
  int wrong = 0;
  for (int k = 0; k < atoi(argv[3]); k++) {
    int64_t side = k % 4 == 0 ? 40 : 16;
    v[0] = 1 + next() % 3, v[1] = 1 + next() % (k % 16 == 0 ? 600 : k % 3 == 0 ? 9 : 96);
    for (int i = 0; i < 2; i++) {
      v[2 + i] = 1 + next() % side;
      v[4 + i] = 1 + next() % (k % 2 ? 3 : 7);
      v[6 + i] = next() % 2 ? 1 : 1 + next() % 4;
      v[8 + i] = next() % 2 ? v[4 + i] / 2 : (int64_t)(next() % 12) - 3;
      v[10 + i] = next() % 2 ? 1 : 1 + next() % 4;
      v[12 + i] = next() % 2 ? 1 : 1 + next() % 3;
      v[14 + i] = next() % 2 ? v[4 + i] / 2 : (int64_t)(next() % 12) - 3;
    }
    v[16] = next() % 32, v[17] = k % 2 == 0 ? 0 : 1 << next() % 5;
    wrong += try(v);
  }
  return wrong != 0;
}
