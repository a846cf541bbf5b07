// One element of each optimizer's step, as torch.optim computes it. A call updates the parameter and up to
// two states, of which kStates are used.
#pragma once

#include <cmath>

#include "device.h"

namespace foveal {

/** The decays that join the gradient: L2 (weight_decay * p) and L1 (l1 * sign p). */
struct Decay {
  float weight_decay, l1;

  FOVEAL_HD float operator()(float p, float g) const {
    const float sign = static_cast<float>(p > 0) - static_cast<float>(p < 0);
    return g + weight_decay * p + l1 * sign;
  }
};

/** SGD without momentum. */
struct PlainSgd {
  static constexpr int kStates = 0;
  Decay decay;
  float lr;

  FOVEAL_HD void operator()(float& p, float g, float&, float&) const { p -= lr * decay(p, g); }
};

/** SGD with momentum: Sutskever et al., ICML 2013, in torch's form, where the velocity excludes the rate. */
struct MomentumSgd {
  static constexpr int kStates = 1;  // velocity
  Decay decay;
  float lr, momentum, keep;  // keep = 1 - dampening
  bool nesterov, first;

  FOVEAL_HD void operator()(float& p, float g, float& velocity, float&) const {
    g = decay(p, g);
    velocity = first ? g : momentum * velocity + keep * g;
    p -= lr * (nesterov ? g + momentum * velocity : velocity);
  }
};

/** Adam: Kingma & Ba, arXiv:1412.6980, algorithm 1; AdamW: Loshchilov & Hutter, arXiv:1711.05101. */
struct Adam {
  static constexpr int kStates = 2;  // first and second moment
  Decay decay;
  float shrink;  // 1 - lr * weight decay where that is decoupled, else 1
  float beta1, one_minus_beta1, beta2, one_minus_beta2, eps;
  float step_size, correction;  // lr / (1 - beta1^t), sqrt(1 - beta2^t)

  FOVEAL_HD void operator()(float& p, float g, float& mean, float& square) const {
    g = decay(p, g);
    p *= shrink;
    mean = beta1 * mean + one_minus_beta1 * g;
    square = beta2 * square + one_minus_beta2 * g * g;
    p -= step_size * mean / (sqrtf(square) / correction + eps);
  }
};

/** RMSProp: Hinton's lecture 6e. */
struct PlainRmsProp {
  static constexpr int kStates = 1;  // mean square
  Decay decay;
  float lr, alpha, one_minus_alpha, eps;

  FOVEAL_HD void operator()(float& p, float g, float& square, float&) const {
    g = decay(p, g);
    square = alpha * square + one_minus_alpha * g * g;
    p -= lr * g / (sqrtf(square) + eps);
  }
};

struct MomentumRmsProp {
  static constexpr int kStates = 2;  // mean square, velocity
  Decay decay;
  float lr, alpha, one_minus_alpha, eps, momentum;

  FOVEAL_HD void operator()(float& p, float g, float& square, float& velocity) const {
    g = decay(p, g);
    square = alpha * square + one_minus_alpha * g * g;
    velocity = momentum * velocity + g / (sqrtf(square) + eps);
    p -= lr * velocity;
  }
};

/** AdaGrad: Duchi et al., JMLR 12, 2011. */
struct AdaGrad {
  static constexpr int kStates = 1;  // sum of squares
  Decay decay;
  float lr, eps;

  FOVEAL_HD void operator()(float& p, float g, float& squares, float&) const {
    g = decay(p, g);
    squares += g * g;
    p -= lr * g / (sqrtf(squares) + eps);
  }
};

/** AdaDelta: Zeiler, arXiv:1212.5701, algorithm 1. */
struct AdaDelta {
  static constexpr int kStates = 2;  // mean square of gradients, of steps
  Decay decay;
  float lr, rho, one_minus_rho, eps;

  FOVEAL_HD void operator()(float& p, float g, float& square, float& steps) const {
    g = decay(p, g);
    square = rho * square + one_minus_rho * g * g;
    const float delta = sqrtf(steps + eps) / sqrtf(square + eps) * g;
    steps = rho * steps + one_minus_rho * delta * delta;
    p -= lr * delta;
  }
};

}  // namespace foveal
