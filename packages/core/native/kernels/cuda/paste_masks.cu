#include "../paste_masks.h"
#include "launch.cuh"
#include "launchers.h"

namespace foveal {
namespace {

// One thread per pixel of the output.
__global__ void paste_kernel(int64_t count, const float* masks, const float* boxes, int64_t side,
                             int64_t height, int64_t width, float* pasted) {
  const int64_t step = index_step();
  for (int64_t i = first_index(); i < count; i += step) {
    const int64_t x = i % width, y = i / width % height, k = i / width / height;
    const float *box = boxes + 4 * k, *mask = masks + k * side * side;
    const PastedSpan columns = pasted_span(box[0], box[2], side), rows = pasted_span(box[1], box[3], side);
    pasted[i] = 0;
    if (x < columns.first || x > columns.last || y < rows.first || y > rows.last) continue;
    const PastedTap across = pasted_tap(x, columns, side), down = pasted_tap(y, rows, side);
    const float a = blended(mask_cell(mask, side, down.low, across.low),
                            mask_cell(mask, side, down.low, across.high), across.fraction),
                b = blended(mask_cell(mask, side, down.high, across.low),
                            mask_cell(mask, side, down.high, across.high), across.fraction);
    pasted[i] = blended(a, b, down.fraction);
  }
}

}  // namespace

void launch_paste_masks(const float* masks, const float* boxes, int64_t count, int64_t side, int64_t height,
                        int64_t width, float* pasted, cudaStream_t stream) {
  const int64_t pixels = count * height * width;
  if (pixels == 0) return;
  paste_kernel<<<blocks_for(pixels), kThreads, 0, stream>>>(pixels, masks, boxes, side, height, width,
                                                            pasted);
}

}  // namespace foveal
