// Rows of contiguous channels. A thread keeps to one channel and walks down the rows, so its scale and shift
// stay in registers and a warp reads neighbouring addresses.
#include "../batch_norm.h"
#include "launch.cuh"
#include "launchers.h"

namespace foveal {
namespace {

constexpr int kRowsPerThread = 64;  // few enough to sum in float
constexpr int kMergers = 128;

struct Grid {
  Grid(int64_t rows, int64_t channels) {
    unsigned across = 1;
    while (across < 32 && across < channels) across *= 2;
    threads = dim3(across, kThreads / across);
    const int64_t down = static_cast<int64_t>(threads.y) * kRowsPerThread;
    blocks = dim3(static_cast<unsigned>((channels + across - 1) / across),
                  static_cast<unsigned>(std::min<int64_t>((rows + down - 1) / down, 1024)));
  }

  dim3 threads, blocks;
};

__device__ int64_t my_channel() { return blockIdx.x * static_cast<int64_t>(blockDim.x) + threadIdx.x; }
__device__ int64_t my_first_row() { return blockIdx.y * static_cast<int64_t>(blockDim.y) + threadIdx.y; }
__device__ int64_t row_step() { return static_cast<int64_t>(gridDim.y) * blockDim.y; }

struct Channel {
  __device__ Channel(const BatchNormProblem& p, int64_t c, const float* means, const float* variances)
      : mean(means[c]), scale(p.gamma[c] / sqrtf(variances[c] + p.epsilon)), beta(p.beta[c]) {}

  __device__ float value(float x) const { return batch_norm_normalize(x - mean, scale, beta); }
  __device__ float arriving(const BatchNormProblem& p, float x, float dy) const {
    return p.relu ? batch_norm_relu_grad(value(x), dy) : dy;
  }

  float mean, scale, beta;
};

// partial[block row][channel] = count, mean and squares of the rows that the block saw.
__global__ void statistics_kernel(BatchNormProblem p, Moments* partial) {
  __shared__ Moments shared[kThreads];
  const int64_t c = my_channel(), step = row_step();
  Moments mine{0, 0, 0};
  int64_t row = my_first_row();
  while (c < p.channels && row < p.rows) {
    // Deviations from the first value, so that a large mean cancels before it is squared.
    const float origin = p.x[row * p.channels + c];
    float sum = 0, square = 0;
    int count = 0;
    for (; count < kRowsPerThread && row < p.rows; ++count, row += step) {
      const float d = p.x[row * p.channels + c] - origin;
      sum += d;
      square += d * d;
    }
    const double mean = static_cast<double>(sum) / count;
    mine.merge(count, origin + mean, fmax(0., square - sum * mean));
  }
  shared[threadIdx.y * blockDim.x + threadIdx.x] = mine;
  __syncthreads();
  if (threadIdx.y > 0 || c >= p.channels) return;
  for (unsigned y = 1; y < blockDim.y; ++y) {
    const Moments& other = shared[y * blockDim.x + threadIdx.x];
    mine.merge(other.count, other.mean, other.squares);
  }
  partial[blockIdx.y * p.channels + c] = mine;
}

// One block per channel, in a fixed order.
__global__ void merge_statistics_kernel(const Moments* partial, int64_t parts, int64_t channels, float* mean,
                                        float* variance) {
  __shared__ Moments shared[kMergers];
  const int64_t c = blockIdx.x;
  Moments mine{0, 0, 0};
  for (int64_t i = threadIdx.x; i < parts; i += kMergers) {
    const Moments& other = partial[i * channels + c];
    mine.merge(other.count, other.mean, other.squares);
  }
  shared[threadIdx.x] = mine;
  for (int half = kMergers / 2; half > 0; half /= 2) {
    __syncthreads();
    if (threadIdx.x < half) {
      const Moments& other = shared[threadIdx.x + half];
      shared[threadIdx.x].merge(other.count, other.mean, other.squares);
    }
  }
  if (threadIdx.x > 0) return;
  mean[c] = static_cast<float>(shared[0].mean);
  variance[c] = static_cast<float>(shared[0].squares / shared[0].count);
}

__global__ void apply_kernel(BatchNormProblem p, const float* mean, const float* variance, float* y) {
  const int64_t c = my_channel(), step = row_step();
  if (c >= p.channels) return;
  const Channel channel(p, c, mean, variance);
  for (int64_t row = my_first_row(); row < p.rows; row += step) {
    const int64_t i = row * p.channels + c;
    const float value = channel.value(p.x[i]);
    y[i] = p.relu ? batch_norm_relu(value) : value;
  }
}

// Σ dy and Σ dy (x - mean), dy behind the ReLU.
struct Sums {
  double plain, weighted;

  __device__ void add(const Sums& other) { plain += other.plain, weighted += other.weighted; }
};

__global__ void sums_kernel(BatchNormProblem p, const float* dy, const float* mean, const float* variance,
                            Sums* partial) {
  __shared__ Sums shared[kThreads];
  const int64_t c = my_channel(), step = row_step();
  Sums mine{0, 0};
  if (c < p.channels) {
    const Channel channel(p, c, mean, variance);
    int64_t row = my_first_row();
    while (row < p.rows) {
      float plain = 0, weighted = 0;
      for (int count = 0; count < kRowsPerThread && row < p.rows; ++count, row += step) {
        const int64_t i = row * p.channels + c;
        const float x = p.x[i], d = channel.arriving(p, x, dy[i]);
        plain += d;
        weighted += d * (x - channel.mean);
      }
      mine.add({plain, weighted});
    }
  }
  shared[threadIdx.y * blockDim.x + threadIdx.x] = mine;
  __syncthreads();
  if (threadIdx.y > 0 || c >= p.channels) return;
  for (unsigned y = 1; y < blockDim.y; ++y) mine.add(shared[y * blockDim.x + threadIdx.x]);
  partial[blockIdx.y * p.channels + c] = mine;
}

__global__ void merge_sums_kernel(BatchNormProblem p, const Sums* partial, int64_t parts,
                                  const float* variance, Sums* total, float* d_gamma, float* d_beta) {
  __shared__ Sums shared[kMergers];
  const int64_t c = blockIdx.x;
  Sums mine{0, 0};
  for (int64_t i = threadIdx.x; i < parts; i += kMergers) mine.add(partial[i * p.channels + c]);
  shared[threadIdx.x] = mine;
  for (int half = kMergers / 2; half > 0; half /= 2) {
    __syncthreads();
    if (threadIdx.x < half) shared[threadIdx.x].add(shared[threadIdx.x + half]);
  }
  if (threadIdx.x > 0) return;
  total[c] = shared[0];
  d_gamma[c] = static_cast<float>(shared[0].weighted / sqrt(static_cast<double>(variance[c]) + p.epsilon));
  d_beta[c] = static_cast<float>(shared[0].plain);
}

__global__ void gradient_kernel(BatchNormProblem p, const float* dy, const float* mean, const float* variance,
                                const Sums* total, float* dx) {
  const int64_t c = my_channel(), step = row_step();
  if (c >= p.channels) return;
  const Channel channel(p, c, mean, variance);
  const float offset = static_cast<float>(total[c].plain / p.rows);
  const float slope =
      static_cast<float>(total[c].weighted / p.rows / (static_cast<double>(variance[c]) + p.epsilon));
  for (int64_t row = my_first_row(); row < p.rows; row += step) {
    const int64_t i = row * p.channels + c;
    const float x = p.x[i];
    dx[i] = channel.scale * (channel.arriving(p, x, dy[i]) - offset - (x - channel.mean) * slope);
  }
}

}  // namespace

int64_t batch_norm_scratch(int64_t rows, int64_t channels) {
  static_assert(sizeof(Moments) == 3 * sizeof(double) && sizeof(Sums) == 2 * sizeof(double), "packed");
  return 3 * channels * (Grid(rows, channels).blocks.y + 1);
}

void launch_batch_norm_statistics(BatchNormProblem problem, double* scratch, float* mean, float* variance,
                                  cudaStream_t stream) {
  if (problem.rows == 0 || problem.channels == 0) return;
  const Grid grid(problem.rows, problem.channels);
  const auto partial = reinterpret_cast<Moments*>(scratch);
  statistics_kernel<<<grid.blocks, grid.threads, 0, stream>>>(problem, partial);
  merge_statistics_kernel<<<static_cast<unsigned>(problem.channels), kMergers, 0, stream>>>(
      partial, grid.blocks.y, problem.channels, mean, variance);
}

void launch_batch_norm_apply(BatchNormProblem problem, const float* mean, const float* variance, float* y,
                             cudaStream_t stream) {
  if (problem.rows == 0 || problem.channels == 0) return;
  const Grid grid(problem.rows, problem.channels);
  apply_kernel<<<grid.blocks, grid.threads, 0, stream>>>(problem, mean, variance, y);
}

void launch_batch_norm_grad(BatchNormProblem problem, const float* dy, const float* mean,
                            const float* variance, double* scratch, float* dx, float* d_gamma, float* d_beta,
                            cudaStream_t stream) {
  if (problem.rows == 0 || problem.channels == 0) return;
  const Grid grid(problem.rows, problem.channels);
  const auto partial = reinterpret_cast<Sums*>(scratch);
  Sums* total = partial + grid.blocks.y * problem.channels;
  sums_kernel<<<grid.blocks, grid.threads, 0, stream>>>(problem, dy, mean, variance, partial);
  merge_sums_kernel<<<static_cast<unsigned>(problem.channels), kMergers, 0, stream>>>(
      problem, partial, grid.blocks.y, variance, total, d_gamma, d_beta);
  gradient_kernel<<<grid.blocks, grid.threads, 0, stream>>>(problem, dy, mean, variance, total, dx);
}

}  // namespace foveal
