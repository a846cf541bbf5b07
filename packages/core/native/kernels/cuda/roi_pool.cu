#include <cfloat>

#include "launch.cuh"
#include "launchers.h"

namespace foveal {
namespace {

// One thread per value of the output. Channels are innermost, so a warp reads neighbouring addresses.
__global__ void forward_kernel(int64_t count, const float* features, const float* boxes,
                               const int32_t* image_of, RoiAlignShape shape, RoiPoolAttrs attrs,
                               float* pooled, int32_t* largest) {
  const int64_t step = index_step();
  for (int64_t i = first_index(); i < count; i += step) {
    const int64_t c = i % shape.channels, bin = i / shape.channels, k = bin / (attrs.bins_h * attrs.bins_w);
    const int64_t image = image_of[k];
    largest[i] = -1;
    if (image < 0 || image >= shape.images) {
      pooled[i] = nanf("");
      continue;
    }
    const float* box = boxes + 4 * k;
    const PixelSpan rows = bin_span(box[1], box[3], attrs.spatial_scale, bin / attrs.bins_w % attrs.bins_h,
                                    attrs.bins_h, shape.height);
    const PixelSpan columns =
        bin_span(box[0], box[2], attrs.spatial_scale, bin % attrs.bins_w, attrs.bins_w, shape.width);
    const float* from = features + image * shape.height * shape.width * shape.channels + c;
    const bool empty = rows.end <= rows.begin || columns.end <= columns.begin;
    float best = empty ? 0.f : -FLT_MAX;
    int64_t at = -1;
    for (int64_t y = rows.begin; y < rows.end; ++y) {
      for (int64_t x = columns.begin; x < columns.end; ++x) {
        const float value = from[(y * shape.width + x) * shape.channels];
        if (value > best) best = value, at = y * shape.width + x;
      }
    }
    pooled[i] = best;
    largest[i] = static_cast<int32_t>(at);
  }
}

// Boxes overlap, so the sums come from atomics, in an order that differs from run to run.
__global__ void backward_kernel(int64_t count, const float* dy, const int32_t* largest,
                                const int32_t* image_of, RoiAlignShape shape, int64_t bins, float* dx) {
  const int64_t step = index_step(), pixels = shape.height * shape.width;
  for (int64_t i = first_index(); i < count; i += step) {
    const int64_t c = i % shape.channels, image = image_of[i / shape.channels / bins], at = largest[i];
    if (image < 0 || image >= shape.images || at < 0 || at >= pixels) continue;
    atomicAdd(dx + (image * pixels + at) * shape.channels + c, dy[i]);
  }
}

}  // namespace

void launch_roi_pool(const float* features, const float* boxes, const int32_t* image_of, RoiAlignShape shape,
                     RoiPoolAttrs attrs, float* pooled, int32_t* largest, cudaStream_t stream) {
  const int64_t count = shape.boxes * attrs.bins_h * attrs.bins_w * shape.channels;
  if (count == 0) return;
  forward_kernel<<<blocks_for(count), kThreads, 0, stream>>>(count, features, boxes, image_of, shape, attrs,
                                                             pooled, largest);
}

void launch_roi_pool_grad(const float* dy, const int32_t* largest, const int32_t* image_of,
                          RoiAlignShape shape, int64_t bins, float* dx, cudaStream_t stream) {
  const int64_t count = shape.boxes * bins * shape.channels;
  if (count == 0) return;
  backward_kernel<<<blocks_for(count), kThreads, 0, stream>>>(count, dy, largest, image_of, shape, bins, dx);
}

}  // namespace foveal
