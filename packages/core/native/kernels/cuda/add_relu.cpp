#include <ATen/ATen.h>
#include <torch/library.h>

namespace foveal {
namespace {

at::Tensor add_relu(const at::Tensor& a, const at::Tensor& b) { return at::add(a, b).relu_(); }

}  // namespace
}  // namespace foveal

TORCH_LIBRARY_IMPL(foveal, CUDA, m) { m.impl("add_relu", &foveal::add_relu); }
