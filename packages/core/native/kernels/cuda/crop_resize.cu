#include "launch.cuh"
#include "launchers.h"

namespace foveal {
namespace {

// Where one value of a crop comes from.
struct Sample {
  __device__ Sample(int64_t i, const float* boxes, const int32_t* image_of, const RoiAlignShape& shape,
                    const CropResizeAttrs& attrs) {
    const int64_t at = i / shape.channels, k = at / (attrs.crop_h * attrs.crop_w);
    const float* box = boxes + 4 * k;
    row =
        crop_tap(box[1], box[3], at / attrs.crop_w % attrs.crop_h, attrs.crop_h, shape.height, attrs.nearest);
    column = crop_tap(box[0], box[2], at % attrs.crop_w, attrs.crop_w, shape.width, attrs.nearest);
    image = image_of[k];
    known = image >= 0 && image < shape.images;
    offset = image * shape.height * shape.width * shape.channels + i % shape.channels;
  }

  __device__ bool inside() const { return known && row.inside && column.inside; }

  /** Of the value at one of the four neighbours. */
  __device__ int64_t address(int64_t y, int64_t x, const RoiAlignShape& shape) const {
    return offset + (y * shape.width + x) * shape.channels;
  }

  CropTap row, column;
  int64_t image, offset;
  bool known;
};

// One thread per value of the output. Channels are innermost, so a warp reads neighbouring addresses.
__global__ void forward_kernel(int64_t count, const float* image, const float* boxes, const int32_t* image_of,
                               RoiAlignShape shape, CropResizeAttrs attrs, float* crops) {
  const int64_t step = index_step();
  for (int64_t i = first_index(); i < count; i += step) {
    const Sample s(i, boxes, image_of, shape, attrs);
    if (!s.inside()) {
      crops[i] = s.known ? attrs.outside : nanf("");
      continue;
    }
    const float a = image[s.address(s.row.low, s.column.low, shape)],
                b = image[s.address(s.row.low, s.column.high, shape)],
                c = image[s.address(s.row.high, s.column.low, shape)],
                d = image[s.address(s.row.high, s.column.high, shape)];
    const float above = a + s.column.fraction * (b - a), below = c + s.column.fraction * (d - c);
    crops[i] = above + s.row.fraction * (below - above);
  }
}

// Boxes overlap, so the sums come from atomics, in an order that differs from run to run.
__global__ void backward_kernel(int64_t count, const float* dy, const float* boxes, const int32_t* image_of,
                                RoiAlignShape shape, CropResizeAttrs attrs, float* dx) {
  const int64_t step = index_step();
  for (int64_t i = first_index(); i < count; i += step) {
    const Sample s(i, boxes, image_of, shape, attrs);
    if (!s.inside()) continue;
    const float lower = dy[i] * s.row.fraction, upper = dy[i] - lower, right = s.column.fraction;
    atomicAdd(dx + s.address(s.row.low, s.column.low, shape), upper * (1 - right));
    atomicAdd(dx + s.address(s.row.low, s.column.high, shape), upper * right);
    atomicAdd(dx + s.address(s.row.high, s.column.low, shape), lower * (1 - right));
    atomicAdd(dx + s.address(s.row.high, s.column.high, shape), lower * right);
  }
}

int64_t outputs(const RoiAlignShape& shape, const CropResizeAttrs& attrs) {
  return shape.boxes * attrs.crop_h * attrs.crop_w * shape.channels;
}

}  // namespace

void launch_crop_resize(const float* image, const float* boxes, const int32_t* image_of, RoiAlignShape shape,
                        CropResizeAttrs attrs, float* crops, cudaStream_t stream) {
  const int64_t count = outputs(shape, attrs);
  if (count == 0) return;
  forward_kernel<<<blocks_for(count), kThreads, 0, stream>>>(count, image, boxes, image_of, shape, attrs,
                                                             crops);
}

void launch_crop_resize_grad(const float* dy, const float* boxes, const int32_t* image_of,
                             RoiAlignShape shape, CropResizeAttrs attrs, float* dx, cudaStream_t stream) {
  const int64_t count = outputs(shape, attrs);
  if (count == 0) return;
  backward_kernel<<<blocks_for(count), kThreads, 0, stream>>>(count, dy, boxes, image_of, shape, attrs, dx);
}

}  // namespace foveal
