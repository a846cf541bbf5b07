// Batch normalization: Ioffe & Szegedy, arXiv:1502.03167, algorithm 1, with the ReLU that often follows. The
// backward pass recomputes the ReLU's mask from x, so forward and backward must share one expression.
#pragma once

#include "device.h"

namespace foveal {

/** x - mean comes first: folding the mean into a shift loses all digits where it dwarfs the deviation. */
FOVEAL_HD float batch_norm_normalize(float centred, float scale, float beta) {
  return centred * scale + beta;
}

/** NaN stays NaN, so that a diverged run shows. */
FOVEAL_HD float batch_norm_relu(float y) { return y < 0 ? 0 : y; }

FOVEAL_HD float batch_norm_relu_grad(float y, float dy) { return y <= 0 ? 0 : dy; }

/** Count, mean and summed squared deviations of a part of the values, merged as by Chan et al., 1979. */
struct Moments {
  double count, mean, squares;

  FOVEAL_HD void merge(double other_count, double other_mean, double other_squares) {
    if (other_count == 0) return;
    const double delta = other_mean - mean, total = count + other_count;
    mean += delta * (other_count / total);
    squares += other_squares + delta * delta * (count * other_count / total);
    count = total;
  }
};

}  // namespace foveal
