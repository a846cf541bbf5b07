// Convolution without a matrix in between, on NHWC float32: for each output pixel the taps of the filter are
// walked, and a few pixels times a few registers of channels are summed at once. Small layers spend less in
// it than a library takes to prepare for them. See Georganas et al., "Anatomy of High-Performance Deep
// Learning Convolutions", SC 2018, arXiv:1808.05567, section II.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <type_traits>

namespace foveal {
namespace direct {

#if defined(__AVX512F__)
constexpr int kLanes = 16;
#elif defined(__AVX__)
constexpr int kLanes = 8;
#else
constexpr int kLanes = 4;
#endif

template <int lanes>
struct Register {
  typedef float Type __attribute__((vector_size(lanes * sizeof(float))));

  static Type load(const float* from) {
    Type value;
    std::memcpy(&value, from, sizeof value);
    return value;
  }
  static void store(float* to, const Type& value) { std::memcpy(to, &value, sizeof value); }
};

// A call would take a tile's sums through memory.
#define FOVEAL_INLINE inline __attribute__((always_inline))

enum class Activation { linear, leaky, relu, relu6 };

/** How a sum ends: activation(sum + residual). */
struct Finish {
  Activation activation;
  float slope;

  /** Of all registers of a tile at once, lest a branch at each push them out of the processor. */
  template <typename Type, int vectors, int pixels>
  FOVEAL_INLINE void apply(Type (&sums)[pixels][vectors]) const {
    const Type zero{}, six = zero + 6, steep = zero + slope;
    const auto each = [&](auto f) {
      for (auto& pixel : sums)
        for (auto& sum : pixel) sum = f(sum);
    };
    // NaN stays NaN, so that a diverged network shows.
    if (activation == Activation::leaky) each([&](Type v) { return v > zero ? v : v * steep; });
    if (activation == Activation::relu) each([&](Type v) { return v < zero ? zero : v; });
    if (activation == Activation::relu6) each([&](Type v) { return v < zero ? zero : v > six ? six : v; });
  }
};

/** One axis of a sliding window. */
struct Axis {
  int64_t size, taps, stride, before, dilation, outputs;

  int64_t start(int64_t output) const { return output * stride - before; }
  /** The first tap inside the image. */
  int64_t first(int64_t output) const {
    return std::max<int64_t>(0, (dilation - 1 - start(output)) / dilation);
  }
  /** One behind the last tap inside the image. */
  int64_t last(int64_t output) const {
    return std::min(taps, std::max<int64_t>(0, (size - start(output) + dilation - 1) / dilation));
  }
  /** The first output all of whose taps lie inside, as far as the image's start goes. */
  int64_t inside_from() const { return std::min(outputs, (before + stride - 1) / stride); }
  /** One behind the last output all of whose taps lie inside. */
  int64_t inside_to() const {
    const int64_t room = size - 1 - dilation * (taps - 1) + before;
    return room < 0 ? 0 : std::min(outputs, room / stride + 1);
  }
};

struct Problem {
  const float* x;         // [batch, rows.size, columns.size, channels]
  const float* weights;   // [rows.taps, columns.taps, channels, outputs]; depthwise without channels
  const float* shift;     // [outputs]
  const float* residual;  // like y, or null
  float* y;               // [batch, rows.outputs, columns.outputs, outputs]
  int64_t batch, channels, outputs;
  Axis rows, columns;
  Finish finish;
};

/** The part of a window that lies inside the image. */
struct Window {
  int64_t row_from, row_to, column_from, column_to;
};

/** Where a tile reads and writes. x may lie outside of the image where the window says that it is not read.
 */
struct Place {
  const float* x;
  int64_t output, channel;
};

template <int lanes, int vectors, int pixels>
FOVEAL_INLINE void start(const Problem& p, const Place& at,
                         typename Register<lanes>::Type (&sums)[pixels][vectors]) {
  for (int i = 0; i < pixels; ++i)
    for (int v = 0; v < vectors; ++v) sums[i][v] = Register<lanes>::load(p.shift + at.channel + v * lanes);
}

template <int lanes, int vectors, int pixels>
FOVEAL_INLINE void finish(const Problem& p, const Place& at,
                          typename Register<lanes>::Type (&sums)[pixels][vectors]) {
  using R = Register<lanes>;
  const int64_t outputs = p.outputs, first = at.output * outputs + at.channel;
  if (p.residual) {
    const float* residual = p.residual + first;
    for (int i = 0; i < pixels; ++i)
      for (int v = 0; v < vectors; ++v) sums[i][v] += R::load(residual + i * outputs + v * lanes);
  }
  p.finish.apply(sums);
  float* y = p.y + first;
  for (int i = 0; i < pixels; ++i)
    for (int v = 0; v < vectors; ++v) R::store(y + i * outputs + v * lanes, sums[i][v]);
}

struct Dense {
  static constexpr int kVectors = 2;

  template <int lanes, int vectors, int pixels>
  static void tile(const Problem& p, const Place& at, const Window& w) {
    using R = Register<lanes>;
    typename R::Type sums[pixels][vectors];
    start<lanes, vectors, pixels>(p, at, sums);
    const int64_t step = p.columns.stride * p.channels;
    for (int64_t row = w.row_from; row < w.row_to; ++row) {
      for (int64_t column = w.column_from; column < w.column_to; ++column) {
        const float* x =
            at.x + (row * p.rows.dilation * p.columns.size + column * p.columns.dilation) * p.channels;
        const float* weights =
            p.weights + (row * p.columns.taps + column) * p.channels * p.outputs + at.channel;
        for (int64_t c = 0; c < p.channels; ++c, weights += p.outputs) {
          typename R::Type weight[vectors];
          for (int v = 0; v < vectors; ++v) weight[v] = R::load(weights + v * lanes);
          for (int i = 0; i < pixels; ++i)
            for (int v = 0; v < vectors; ++v) sums[i][v] += x[i * step + c] * weight[v];
        }
      }
    }
    finish<lanes, vectors, pixels>(p, at, sums);
  }
};

struct Depthwise {
  static constexpr int kVectors = 1;

  template <int lanes, int vectors, int pixels>
  static void tile(const Problem& p, const Place& at, const Window& w) {
    using R = Register<lanes>;
    typename R::Type sums[pixels][vectors];
    start<lanes, vectors, pixels>(p, at, sums);
    const int64_t step = p.columns.stride * p.channels;
    for (int64_t row = w.row_from; row < w.row_to; ++row) {
      for (int64_t column = w.column_from; column < w.column_to; ++column) {
        const float* x = at.x +
                         (row * p.rows.dilation * p.columns.size + column * p.columns.dilation) * p.channels +
                         at.channel;
        const float* weights = p.weights + (row * p.columns.taps + column) * p.outputs + at.channel;
        for (int v = 0; v < vectors; ++v) {
          const auto weight = R::load(weights + v * lanes);
          for (int i = 0; i < pixels; ++i) sums[i][v] += R::load(x + i * step + v * lanes) * weight;
        }
      }
    }
    finish<lanes, vectors, pixels>(p, at, sums);
  }
};

/** Covers channels by registers, the widest first: f(channel, lanes, vectors), the last two known to the
 * compiler. */
template <int vectors, typename F>
void cover(int64_t channels, F f) {
  int64_t c = 0;
  const auto by = [&](auto lanes, auto registers) {
    constexpr int64_t width = decltype(lanes)::value * decltype(registers)::value;
    for (; channels - c >= width; c += width) f(c, lanes, registers);
  };
  if (vectors > 1) by(std::integral_constant<int, kLanes>(), std::integral_constant<int, vectors>());
  by(std::integral_constant<int, kLanes>(), std::integral_constant<int, 1>());
  const int64_t rest = channels - c;
  if (rest > 0 && rest != kLanes / 2 && channels >= kLanes) {
    // Some channels a second time are cheaper than the rest one by one.
    f(channels - kLanes, std::integral_constant<int, kLanes>(), std::integral_constant<int, 1>());
    return;
  }
  by(std::integral_constant<int, kLanes / 2>(), std::integral_constant<int, 1>());
  by(std::integral_constant<int, 4>(), std::integral_constant<int, 1>());
  by(std::integral_constant<int, 1>(), std::integral_constant<int, 1>());
}

/** The outputs [from, to) of one row of one image. */
template <typename Kind>
void row(const Problem& p, int64_t image, int64_t y, int64_t from, int64_t to) {
  const Axis &rows = p.rows, &columns = p.columns;
  const int64_t inside_from = std::max(from, std::min(to, columns.inside_from()));
  const int64_t inside_to = std::max(inside_from, std::min(to, columns.inside_to()));
  const float* line = p.x + (image * rows.size + rows.start(y)) * columns.size * p.channels;
  const int64_t outputs = (image * rows.outputs + y) * columns.outputs;
  const int64_t row_from = rows.first(y), row_to = rows.last(y);
  cover<Kind::kVectors>(p.outputs, [&](int64_t channel, auto lanes, auto vectors) {
    constexpr int l = decltype(lanes)::value, v = decltype(vectors)::value;
    const auto place = [&](int64_t x) {
      return Place{line + columns.start(x) * p.channels, outputs + x, channel};
    };
    const auto edge = [&](int64_t x) {
      Kind::template tile<l, v, 1>(p, place(x), {row_from, row_to, columns.first(x), columns.last(x)});
    };
    const Window whole{row_from, row_to, 0, columns.taps};
    for (int64_t x = from; x < inside_from; ++x) edge(x);
    int64_t x = inside_from;
    for (; x + 8 <= inside_to; x += 8) Kind::template tile<l, v, 8>(p, place(x), whole);
    for (; x + 4 <= inside_to; x += 4) Kind::template tile<l, v, 4>(p, place(x), whole);
    for (; x < inside_to; ++x) Kind::template tile<l, v, 1>(p, place(x), whole);
    for (x = inside_to; x < to; ++x) edge(x);
  });
}

/** What one thread takes at a time: a part of a row, as a 1 × 1 filter sees all pixels as one row. */
constexpr int64_t kPart = 64;

inline int64_t parts(const Problem& p) {
  return p.batch * p.rows.outputs * ((p.columns.outputs + kPart - 1) / kPart);
}

/** The parts [from, to). */
template <typename Kind>
void run(const Problem& p, int64_t from, int64_t to) {
  const int64_t across = (p.columns.outputs + kPart - 1) / kPart;
  for (int64_t part = from; part < to; ++part) {
    const int64_t line = part / across, first = part % across * kPart;
    row<Kind>(p, line / p.rows.outputs, line % p.rows.outputs, first,
              std::min(first + kPart, p.columns.outputs));
  }
}

#undef FOVEAL_INLINE

}  // namespace direct
}  // namespace foveal
