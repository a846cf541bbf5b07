#include "launch.cuh"
#include "launchers.h"

namespace foveal {
namespace {

// One thread per value of the output. Channels are innermost, so a warp reads neighbouring addresses.
__global__ void forward_kernel(int64_t count, const float* features, const float* boxes,
                               const int32_t* image_of, RoiAlignShape shape, RoiAlignAttrs attrs,
                               float* pooled) {
  const int64_t step = index_step();
  for (int64_t i = first_index(); i < count; i += step) {
    const int64_t c = i % shape.channels, bin = i / shape.channels, k = bin / (attrs.bins_h * attrs.bins_w);
    const int64_t image = image_of[k];
    if (image < 0 || image >= shape.images) {
      pooled[i] = nanf("");
      continue;
    }
    const float* from = features + image * shape.height * shape.width * shape.channels + c;
    float sum = 0;
    for_each_sample(boxes + 4 * k, bin / attrs.bins_w % attrs.bins_h, bin % attrs.bins_w, shape.height,
                    shape.width, attrs, [&](const int64_t* pixels, const float* weights) {
                      for (int tap = 0; tap < 4; ++tap)
                        sum += weights[tap] * from[pixels[tap] * shape.channels];
                    });
    pooled[i] = sum;
  }
}

// Boxes overlap, so the sums come from atomics, in an order that differs from run to run.
__global__ void backward_kernel(int64_t count, const float* dy, const float* boxes, const int32_t* image_of,
                                RoiAlignShape shape, RoiAlignAttrs attrs, float* dx) {
  const int64_t step = index_step();
  for (int64_t i = first_index(); i < count; i += step) {
    const int64_t c = i % shape.channels, bin = i / shape.channels, k = bin / (attrs.bins_h * attrs.bins_w);
    const int64_t image = image_of[k];
    if (image < 0 || image >= shape.images) continue;
    float* to = dx + image * shape.height * shape.width * shape.channels + c;
    const float d = dy[i];
    for_each_sample(boxes + 4 * k, bin / attrs.bins_w % attrs.bins_h, bin % attrs.bins_w, shape.height,
                    shape.width, attrs, [&](const int64_t* pixels, const float* weights) {
                      for (int tap = 0; tap < 4; ++tap)
                        atomicAdd(to + pixels[tap] * shape.channels, weights[tap] * d);
                    });
  }
}

int64_t outputs(const RoiAlignShape& shape, const RoiAlignAttrs& attrs) {
  return shape.boxes * attrs.bins_h * attrs.bins_w * shape.channels;
}

}  // namespace

void launch_roi_align(const float* features, const float* boxes, const int32_t* image_of, RoiAlignShape shape,
                      RoiAlignAttrs attrs, float* pooled, cudaStream_t stream) {
  const int64_t count = outputs(shape, attrs);
  if (count == 0) return;
  forward_kernel<<<blocks_for(count), kThreads, 0, stream>>>(count, features, boxes, image_of, shape, attrs,
                                                             pooled);
}

void launch_roi_align_grad(const float* dy, const float* boxes, const int32_t* image_of, RoiAlignShape shape,
                           RoiAlignAttrs attrs, float* dx, cudaStream_t stream) {
  const int64_t count = outputs(shape, attrs);
  if (count == 0) return;
  backward_kernel<<<blocks_for(count), kThreads, 0, stream>>>(count, dy, boxes, image_of, shape, attrs, dx);
}

}  // namespace foveal
