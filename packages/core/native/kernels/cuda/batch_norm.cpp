#include <tuple>

#include "on_device.h"

namespace foveal {
namespace {

// Keeps what the raw pointers point into.
struct Inputs {
  Inputs(const Tensor& x_, const Tensor& gamma_, const Tensor& beta_, double epsilon, bool relu)
      : x(x_.contiguous()), gamma(per_channel(gamma_)), beta(per_channel(beta_)) {
    check_float("batch_norm", x, x);
    TORCH_CHECK(x.dim() > 0 && x.size(-1) == gamma.numel(), "batch_norm: expected ", gamma.numel(),
                " channels in the last axis, got ", x.sizes());
    const int64_t channels = gamma.numel();
    problem = {x.data_ptr<float>(),
               gamma.data_ptr<float>(),
               beta.data_ptr<float>(),
               channels ? x.numel() / channels : 0,
               channels,
               static_cast<float>(epsilon),
               relu};
  }

  /** One value a channel, dense, where x is. */
  Tensor per_channel(const Tensor& values) const {
    check_float("batch_norm", values, x);
    TORCH_CHECK(x.dim() > 0 && values.numel() == x.size(-1),
                "batch_norm: expected one value for each channel of ", x.sizes(), ", got ", values.sizes());
    return values.contiguous();
  }

  Tensor scratch() const {
    return at::empty({batch_norm_scratch(problem.rows, problem.channels)}, x.options().dtype(at::kDouble));
  }

  Tensor x, gamma, beta;
  BatchNormProblem problem;
};

Tensor apply(const Inputs& in, const Tensor& mean, const Tensor& variance, const OnDevice& on) {
  auto y = at::empty_like(in.x);
  launch_batch_norm_apply(in.problem, mean.data_ptr<float>(), variance.data_ptr<float>(), y.data_ptr<float>(),
                          on.stream);
  on.check_launch();
  return y;
}

Tensor batch_norm_eval(const Tensor& x, const Tensor& gamma, const Tensor& beta, const Tensor& mean,
                       const Tensor& variance, double epsilon, bool relu) {
  const OnDevice on(x);
  const Inputs in(x, gamma, beta, epsilon, relu);
  return apply(in, in.per_channel(mean), in.per_channel(variance), on);
}

std::tuple<Tensor, Tensor, Tensor> batch_norm_train(const Tensor& x, const Tensor& gamma, const Tensor& beta,
                                                    double epsilon, bool relu) {
  const OnDevice on(x);
  const Inputs in(x, gamma, beta, epsilon, relu);
  auto mean = at::empty({in.problem.channels}, in.x.options()), variance = at::empty_like(mean);
  auto scratch = in.scratch();
  launch_batch_norm_statistics(in.problem, scratch.data_ptr<double>(), mean.data_ptr<float>(),
                               variance.data_ptr<float>(), on.stream);
  return std::make_tuple(apply(in, mean, variance, on), mean, variance);
}

std::tuple<Tensor, Tensor, Tensor> batch_norm_train_grad(const Tensor& dy_, const Tensor& x,
                                                         const Tensor& gamma, const Tensor& beta,
                                                         const Tensor& mean_, const Tensor& variance_,
                                                         double epsilon, bool relu) {
  const OnDevice on(x);
  const Inputs in(x, gamma, beta, epsilon, relu);
  check_float("batch_norm_train_grad", dy_, x);
  TORCH_CHECK(dy_.sizes() == x.sizes(), "batch_norm_train_grad: expected dy ", x.sizes(), ", got ",
              dy_.sizes());
  const auto dy = dy_.contiguous(), mean = in.per_channel(mean_), variance = in.per_channel(variance_);
  auto dx = at::empty_like(in.x), d_gamma = at::zeros_like(in.gamma), d_beta = at::zeros_like(in.gamma);
  auto scratch = in.scratch();
  launch_batch_norm_grad(in.problem, dy.data_ptr<float>(), mean.data_ptr<float>(), variance.data_ptr<float>(),
                         scratch.data_ptr<double>(), dx.data_ptr<float>(), d_gamma.data_ptr<float>(),
                         d_beta.data_ptr<float>(), on.stream);
  on.check_launch();
  return std::make_tuple(dx, d_gamma, d_beta);
}

}  // namespace
}  // namespace foveal

TORCH_LIBRARY_IMPL(foveal, CUDA, m) {
  m.impl("batch_norm_train", &foveal::batch_norm_train);
  m.impl("batch_norm_train_grad", &foveal::batch_norm_train_grad);
  m.impl("batch_norm_eval", &foveal::batch_norm_eval);
}
