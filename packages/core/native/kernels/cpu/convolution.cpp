#include "../convolution.h"

#include <torch/library.h>

TORCH_LIBRARY_IMPL(foveal, CPU, m) {
  m.impl("conv2d", &foveal::conv2d);
  m.impl("conv2d_input_grad", &foveal::conv2d_input_grad);
  m.impl("conv2d_filter_grad", &foveal::conv2d_filter_grad);
  m.impl("to_filter_layout", &foveal::to_filter_layout);
}
