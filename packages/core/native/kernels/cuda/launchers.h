// What the .cu files offer to the operators beside them: raw pointers and a stream, so that nvcc never sees a
// header of torch. Each returns at once where there is nothing to do; the caller checks the launch.
#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>

#include "../crop_resize.h"
#include "../dropout.h"
#include "../local_response_norm.h"
#include "../optimizer_math.h"
#include "../roi_align.h"
#include "../roi_pool.h"
#include "../sigmoid_focal.h"
#include "../soft_nms.h"

namespace foveal {

void launch_dropout(const float* x, int64_t count, DropoutAttrs attrs, float* y, cudaStream_t stream);

void launch_local_response_norm(const float* x, int64_t pixels, int64_t channels,
                                LocalResponseNormAttrs attrs, float* y, cudaStream_t stream);
/** `product` is scratch memory of x's size. */
void launch_local_response_norm_grad(const float* dy, const float* x, int64_t pixels, int64_t channels,
                                     LocalResponseNormAttrs attrs, float* product, float* dx,
                                     cudaStream_t stream);

struct RoiAlignShape {
  int64_t images, height, width, channels, boxes;
};

/** A box of an image that does not exist pools to NaN. */
void launch_roi_align(const float* features, const float* boxes, const int32_t* image_of, RoiAlignShape shape,
                      RoiAlignAttrs attrs, float* pooled, cudaStream_t stream);
/** Adds to dx, with atomics. */
void launch_roi_align_grad(const float* dy, const float* boxes, const int32_t* image_of, RoiAlignShape shape,
                           RoiAlignAttrs attrs, float* dx, cudaStream_t stream);

/** The largest value of each bin and its pixel, -1 where there is none; NaN for an image that does not exist.
 */
void launch_roi_pool(const float* features, const float* boxes, const int32_t* image_of, RoiAlignShape shape,
                     RoiPoolAttrs attrs, float* pooled, int32_t* largest, cudaStream_t stream);
/** Adds to dx, with atomics. */
void launch_roi_pool_grad(const float* dy, const int32_t* largest, const int32_t* image_of,
                          RoiAlignShape shape, int64_t bins, float* dx, cudaStream_t stream);

void launch_box_iou(const float* a, int64_t rows, const float* b, int64_t columns, float* overlaps,
                    cudaStream_t stream);

/** Boxes by falling score, and room for the overlaps of `blocks` blocks of 64 of them with all. */
struct NmsProblem {
  const float* boxes;
  const int32_t* categories;  // or null
  int64_t count, words;       // words: how many blocks of 64 there are
  float threshold;
  uint64_t* overlaps;  // [64 * blocks, words], a bit a box
  uint64_t* gone;      // [words], a bit a box; zero at first
  bool* kept;          // [count]
};
/** Settles the boxes of blocks `first` to `first + blocks`, after those before them. */
void launch_nms(NmsProblem problem, int64_t first, int64_t blocks, cudaStream_t stream);
/** `scores` are lowered in place; `taken` and `lowered` have room for all, and `results` says how many there
 * are. */
void launch_soft_nms(const float* boxes, float* scores, int64_t count, SoftNmsAttrs attrs, int32_t* taken,
                     float* lowered, int32_t* results, cudaStream_t stream);

void launch_sigmoid_focal(const float* logits, const float* targets, int64_t count, SigmoidFocalAttrs attrs,
                          float* losses, cudaStream_t stream);
void launch_sigmoid_focal_grad(const float* dy, const float* logits, const float* targets, int64_t count,
                               SigmoidFocalAttrs attrs, float* dx, cudaStream_t stream);

/** A box of an image that does not exist shows NaN. */
void launch_crop_resize(const float* image, const float* boxes, const int32_t* image_of, RoiAlignShape shape,
                        CropResizeAttrs attrs, float* crops, cudaStream_t stream);
/** Adds to dx, with atomics. */
void launch_crop_resize_grad(const float* dy, const float* boxes, const int32_t* image_of,
                             RoiAlignShape shape, CropResizeAttrs attrs, float* dx, cudaStream_t stream);

void launch_paste_masks(const float* masks, const float* boxes, int64_t count, int64_t side, int64_t height,
                        int64_t width, float* pasted, cudaStream_t stream);

struct CrossEntropyProblem {
  const float* logits;
  const int32_t* labels;
  const float* weights;  // or null
  int64_t rows, classes, ignore_index;
  float sharp, smooth;  // 1 - label smoothing, label smoothing / classes
};

/** Per row the loss and the weight of its label; both NaN where a label is out of range. */
void launch_softmax_cross_entropy(CrossEntropyProblem problem, float* losses, float* kept,
                                  cudaStream_t stream);
/** dy is one value a row or, where total_weight or nothing divides it, one for all. */
void launch_softmax_cross_entropy_grad(CrossEntropyProblem problem, const float* dy, bool dy_per_row,
                                       const float* total_weight, float* dx, cudaStream_t stream);

struct BatchNormProblem {
  const float *x, *gamma, *beta;
  int64_t rows, channels;
  float epsilon;
  bool relu;
};

/** How many doubles of scratch memory the statistics and the gradient need. */
int64_t batch_norm_scratch(int64_t rows, int64_t channels);
void launch_batch_norm_statistics(BatchNormProblem problem, double* scratch, float* mean, float* variance,
                                  cudaStream_t stream);
void launch_batch_norm_apply(BatchNormProblem problem, const float* mean, const float* variance, float* y,
                             cudaStream_t stream);
void launch_batch_norm_grad(BatchNormProblem problem, const float* dy, const float* mean,
                            const float* variance, double* scratch, float* dx, float* d_gamma, float* d_beta,
                            cudaStream_t stream);

/** The tensors of one launch of an optimizer's step: few enough that the table travels as an argument. */
struct StepTable {
  static constexpr int kTensors = 64;
  static constexpr int64_t kChunk = 4096;  // elements that one block updates at a time

  int tensors;
  float* param[kTensors];
  const float* grad[kTensors];
  float* first[kTensors];   // the first state, or null
  float* second[kTensors];  // the second state, or null
  int64_t count[kTensors];
  int64_t chunk[kTensors + 1];  // the first chunk of each tensor, then the number of all
};

template <typename Update>
void launch_optimizer_step(const StepTable& table, const Update& update, cudaStream_t stream);

}  // namespace foveal
