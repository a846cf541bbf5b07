#include "../boxes.h"
#include "launch.cuh"
#include "launchers.h"

namespace foveal {
namespace {

constexpr int kBits = 64;

// One block of threads for each pair of blocks of boxes, one thread for each box of the first: a bit for each
// box of the second that it suppresses. Only boxes that come later matter.
__global__ void overlaps_kernel(NmsProblem problem, int64_t first) {
  const int64_t row_block = first + blockIdx.y, column_block = blockIdx.x;
  if (column_block < row_block) return;
  __shared__ float corners[kBits][4];
  __shared__ float areas[kBits];
  __shared__ int32_t labels[kBits];
  const int64_t lane = threadIdx.x, begin = column_block * kBits;
  if (begin + lane < problem.count) {
    const float* box = problem.boxes + (begin + lane) * 4;
    for (int i = 0; i < 4; ++i) corners[lane][i] = box[i];
    areas[lane] = box_area(box[0], box[1], box[2], box[3]);
    labels[lane] = problem.categories ? problem.categories[begin + lane] : 0;
  }
  __syncthreads();
  const int64_t row = row_block * kBits + lane;
  if (row >= problem.count) return;
  const float* box = problem.boxes + row * 4;
  const float area = box_area(box[0], box[1], box[2], box[3]);
  const int32_t label = problem.categories ? problem.categories[row] : 0;
  const int64_t start = column_block == row_block ? lane + 1 : 0;
  const int64_t end = problem.count - begin < kBits ? problem.count - begin : kBits;
  uint64_t bits = 0;
  for (int64_t j = start; j < end; ++j) {
    const float* other = corners[j];
    if (labels[j] == label && box_overlap(box[0], box[1], box[2], box[3], area, other[0], other[1], other[2],
                                          other[3], areas[j]) > problem.threshold)
      bits |= 1ull << j;
  }
  problem.overlaps[(row - first * kBits) * problem.words + column_block] = bits;
}

// One block of threads goes through the boxes in order: one thread settles 64 of them by their overlaps with
// each other, then all strike out what these suppress further on.
__global__ void sweep_kernel(NmsProblem problem, int64_t first, int64_t blocks) {
  __shared__ uint64_t own[kBits];
  __shared__ uint64_t settled;
  for (int64_t block = first; block < first + blocks; ++block) {
    const uint64_t* tile = problem.overlaps + (block - first) * kBits * problem.words;
    const int64_t rest = problem.count - block * kBits, rows = rest < kBits ? rest : kBits;
    if (threadIdx.x < rows) own[threadIdx.x] = tile[threadIdx.x * problem.words + block];
    __syncthreads();
    if (threadIdx.x == 0) {
      uint64_t gone = problem.gone[block], stays = 0;
      for (int64_t i = 0; i < rows; ++i) {
        if (gone >> i & 1) continue;
        stays |= 1ull << i;
        gone |= own[i];
      }
      settled = stays;
    }
    __syncthreads();
    const uint64_t stays = settled;
    if (threadIdx.x < rows) problem.kept[block * kBits + threadIdx.x] = stays >> threadIdx.x & 1;
    for (int64_t word = block + 1 + threadIdx.x; word < problem.words; word += blockDim.x) {
      uint64_t gone = problem.gone[word];
      for (uint64_t left = stays; left; left &= left - 1)
        gone |= tile[(__ffsll(static_cast<long long>(left)) - 1) * problem.words + word];
      problem.gone[word] = gone;
    }
    __syncthreads();
  }
}

constexpr int kSweepers = 1024;

// One block of threads: the best box is taken, the scores of the others fall, and so on until none is left.
__global__ void soft_kernel(const float* boxes, float* scores, int64_t count, SoftNmsAttrs attrs,
                            int32_t* taken, float* lowered, int32_t* results) {
  __shared__ float best_score[kSweepers];
  __shared__ int64_t best_index[kSweepers];
  int32_t round = 0;
  for (; round < count; ++round) {
    float score = -INFINITY;
    int64_t index = count;
    for (int64_t i = threadIdx.x; i < count; i += kSweepers) {
      if (!(scores[i] >= attrs.score_threshold)) continue;  // taken before, too low, or NaN
      if (index == count || scores[i] > score) score = scores[i], index = i;
    }
    best_score[threadIdx.x] = score;
    best_index[threadIdx.x] = index;
    __syncthreads();
    for (int half = kSweepers / 2; half > 0; half /= 2) {
      if (threadIdx.x < half) {
        const int64_t mine = best_index[threadIdx.x], other = best_index[threadIdx.x + half];
        const float a = best_score[threadIdx.x], b = best_score[threadIdx.x + half];
        if (other < count && (mine == count || b > a || (b == a && other < mine)))
          best_score[threadIdx.x] = b, best_index[threadIdx.x] = other;
      }
      __syncthreads();
    }
    const int64_t best = best_index[0];
    const float top = best_score[0];
    __syncthreads();
    if (best == count) break;
    const float* box = boxes + best * 4;
    const float area = box_area(box[0], box[1], box[2], box[3]);
    for (int64_t i = threadIdx.x; i < count; i += kSweepers) {
      if (i == best || !(scores[i] >= attrs.score_threshold)) continue;
      const float* other = boxes + i * 4;
      scores[i] *= attrs.decay(box_overlap(box[0], box[1], box[2], box[3], area, other[0], other[1], other[2],
                                           other[3], box_area(other[0], other[1], other[2], other[3])));
    }
    if (threadIdx.x == 0) {
      taken[round] = static_cast<int32_t>(best);
      lowered[round] = top;
      scores[best] = nanf("");
    }
    __syncthreads();
  }
  if (threadIdx.x == 0) *results = round;
}

}  // namespace

void launch_nms(NmsProblem problem, int64_t first, int64_t blocks, cudaStream_t stream) {
  if (blocks == 0) return;
  const dim3 grid(static_cast<unsigned>(problem.words), static_cast<unsigned>(blocks));
  overlaps_kernel<<<grid, kBits, 0, stream>>>(problem, first);
  sweep_kernel<<<1, kSweepers, 0, stream>>>(problem, first, blocks);
}

void launch_soft_nms(const float* boxes, float* scores, int64_t count, SoftNmsAttrs attrs, int32_t* taken,
                     float* lowered, int32_t* results, cudaStream_t stream) {
  soft_kernel<<<1, kSweepers, 0, stream>>>(boxes, scores, count, attrs, taken, lowered, results);
}

}  // namespace foveal
