#include <ATen/ATen.h>
#include <torch/library.h>

#include <tuple>

namespace foveal {
namespace {

using at::Tensor;

at::DimVector leading(const Tensor& x) {
  at::DimVector axes;
  for (int64_t i = 0; i + 1 < x.dim(); ++i) axes.push_back(i);
  return axes;
}

Tensor batch_norm_eval(const Tensor& x, const Tensor& gamma, const Tensor& beta, const Tensor& mean,
                       const Tensor& variance, double epsilon, bool relu) {
  auto y = (x - mean).mul_(gamma * at::rsqrt(variance + epsilon)).add_(beta);
  return relu ? y.relu_() : y;
}

std::tuple<Tensor, Tensor, Tensor> batch_norm_train(const Tensor& x, const Tensor& gamma, const Tensor& beta,
                                                    double epsilon, bool relu) {
  const auto axes = leading(x);
  const auto mean = at::mean(x, axes);
  const auto variance = at::var(x, axes, false);
  return std::make_tuple(batch_norm_eval(x, gamma, beta, mean, variance, epsilon, relu), mean, variance);
}

std::tuple<Tensor, Tensor, Tensor> batch_norm_train_grad(const Tensor& dy, const Tensor& x,
                                                         const Tensor& gamma, const Tensor& beta,
                                                         const Tensor& mean, const Tensor& variance,
                                                         double epsilon, bool relu) {
  const auto axes = leading(x);
  const auto inverse = at::rsqrt(variance + epsilon);
  const auto normal = (x - mean) * inverse;
  const auto d = relu ? dy * (normal * gamma + beta > 0) : dy;
  const auto d_gamma = at::sum(d * normal, axes), d_beta = at::sum(d, axes);
  const double count = static_cast<double>(x.numel()) / std::max<int64_t>(gamma.numel(), 1);
  return std::make_tuple((d - d_beta / count - normal * (d_gamma / count)) * (gamma * inverse), d_gamma,
                         d_beta);
}

}  // namespace
}  // namespace foveal

TORCH_LIBRARY_IMPL(foveal, CPU, m) {
  m.impl("batch_norm_train", &foveal::batch_norm_train);
  m.impl("batch_norm_train_grad", &foveal::batch_norm_train_grad);
  m.impl("batch_norm_eval", &foveal::batch_norm_eval);
}
