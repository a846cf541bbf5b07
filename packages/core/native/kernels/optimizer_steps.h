// The optimizer operators, once for every device: which tensors may be updated in place, and the constants of
// the step. A device brings apply(params, grads, states, update), which runs the update over all elements.
#pragma once

#include <ATen/ATen.h>
#include <torch/library.h>

#include <array>
#include <cmath>
#include <initializer_list>
#include <vector>

#include "optimizer_math.h"

namespace foveal {

using at::Tensor;
using at::TensorList;
using Tensors = std::vector<Tensor>;

namespace optimizer {

inline bool same_layout(const Tensor& a, const Tensor& b) {
  for (int64_t i = 0; i < a.dim(); ++i)
    if (a.size(i) > 1 && a.stride(i) != b.stride(i)) return false;
  return true;
}

/** A tensor that may be overwritten: the given one where no other tensor sees its memory, else a copy. */
inline Tensor owned(const Tensor& x) {
  return x.storage().use_count() == 1 && x.is_non_overlapping_and_dense() ? x : at::clone(x);
}

/** In the memory order of param, so that one index reaches the same element of both. */
inline Tensor aligned(const Tensor& x, const Tensor& param) {
  if (x.is_non_overlapping_and_dense() && same_layout(x, param)) return x;
  return at::empty_like(param).copy_(x);
}

/** What one step reads and writes: per parameter dense tensors of one layout. */
struct Step {
  Step(const char* name, TensorList given, TensorList gradients, std::initializer_list<TensorList> lists) {
    TORCH_CHECK(gradients.size() == given.size(), name, ": expected a gradient for each of ", given.size(),
                " parameters, got ", gradients.size());
    for (size_t i = 0; i < given.size(); ++i) {
      check(name, given[i], given[i]);
      check(name, given[i], gradients[i]);
      params.push_back(owned(given[i]));
      grads.push_back(aligned(gradients[i], params[i]));
    }
    for (const TensorList list : lists) {
      TORCH_CHECK(list.empty() || list.size() == given.size(), name,
                  ": expected no state or one for each of ", given.size(), " parameters, got ", list.size());
      states.emplace_back();
      for (size_t i = 0; i < given.size(); ++i) {
        if (list.empty()) {
          states.back().push_back(at::zeros_like(params[i]));
          continue;
        }
        check(name, given[i], list[i]);
        states.back().push_back(aligned(owned(list[i]), params[i]));
      }
    }
  }

  Tensors results() const {
    Tensors all = params;
    for (const auto& list : states) all.insert(all.end(), list.begin(), list.end());
    return all;
  }

  Tensors params, grads;
  std::vector<Tensors> states;

 private:
  static void check(const char* name, const Tensor& param, const Tensor& x) {
    TORCH_CHECK(x.scalar_type() == at::kFloat && x.sizes() == param.sizes() && x.device() == param.device(),
                name, ": expected float32 ", param.sizes(), " on ", param.device(), ", got ", x.scalar_type(),
                " ", x.sizes(), " on ", x.device());
  }
};

inline Decay decay(double weight_decay, double l1) {
  return {static_cast<float>(weight_decay), static_cast<float>(l1)};
}

inline float f(double x) { return static_cast<float>(x); }

}  // namespace optimizer

template <typename Device>
struct OptimizerSteps {
  template <typename Update>
  static Tensors run(const optimizer::Step& step, const Update& update) {
    Device::apply(step, update);
    return step.results();
  }

  static Tensors sgd(TensorList params, TensorList grads, TensorList momenta, double lr, double momentum,
                     double dampening, bool nesterov, double weight_decay, double l1, bool first) {
    using namespace optimizer;
    const auto d = decay(weight_decay, l1);
    if (momentum == 0) return run(Step("sgd_step", params, grads, {}), PlainSgd{d, f(lr)});
    return run(Step("sgd_step", params, grads, {momenta}),
               MomentumSgd{d, f(lr), f(momentum), f(1 - dampening), nesterov, first || momenta.empty()});
  }

  static Tensors adam(TensorList params, TensorList grads, TensorList m, TensorList v, double lr,
                      double beta1, double beta2, double eps, double weight_decay, double l1, bool decoupled,
                      int64_t step) {
    using namespace optimizer;
    TORCH_CHECK(step >= 1, "adam_step: expected a step counted from 1, got ", step);
    return run(Step("adam_step", params, grads, {m, v}),
               Adam{decay(decoupled ? 0 : weight_decay, l1), f(decoupled ? 1 - lr * weight_decay : 1),
                    f(beta1), f(1 - beta1), f(beta2), f(1 - beta2), f(eps),
                    f(lr / (1 - std::pow(beta1, step))), f(std::sqrt(1 - std::pow(beta2, step)))});
  }

  static Tensors rms_prop(TensorList params, TensorList grads, TensorList square_avg, TensorList momenta,
                          double lr, double alpha, double eps, double momentum, double weight_decay,
                          double l1) {
    using namespace optimizer;
    const auto d = decay(weight_decay, l1);
    if (momentum == 0)
      return run(Step("rms_prop_step", params, grads, {square_avg}),
                 PlainRmsProp{d, f(lr), f(alpha), f(1 - alpha), f(eps)});
    return run(Step("rms_prop_step", params, grads, {square_avg, momenta}),
               MomentumRmsProp{d, f(lr), f(alpha), f(1 - alpha), f(eps), f(momentum)});
  }

  static Tensors ada_grad(TensorList params, TensorList grads, TensorList sums, double lr, double eps,
                          double weight_decay, double l1) {
    using namespace optimizer;
    return run(Step("ada_grad_step", params, grads, {sums}), AdaGrad{decay(weight_decay, l1), f(lr), f(eps)});
  }

  static Tensors ada_delta(TensorList params, TensorList grads, TensorList square_avg, TensorList acc_delta,
                           double lr, double rho, double eps, double weight_decay, double l1) {
    using namespace optimizer;
    return run(Step("ada_delta_step", params, grads, {square_avg, acc_delta}),
               AdaDelta{decay(weight_decay, l1), f(lr), f(rho), f(1 - rho), f(eps)});
  }

  static void register_on(torch::Library& m) {
    m.impl("sgd_step", &sgd);
    m.impl("adam_step", &adam);
    m.impl("rms_prop_step", &rms_prop);
    m.impl("ada_grad_step", &ada_grad);
    m.impl("ada_delta_step", &ada_delta);
  }
};

}  // namespace foveal
