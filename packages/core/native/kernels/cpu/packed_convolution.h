// Convolutions of prediction whose filters oneDNN has laid out once, not in every call: a tenth of the time
// of a network with large filters. The norm is folded into them: Jacob et al., CVPR 2018, arXiv:1712.05877,
// section 3.2.
#pragma once

#include <ATen/core/dispatch/Dispatcher.h>

#include <mutex>
#include <unordered_map>
#include <vector>

#include "../convolution.h"

namespace foveal {

/** What is done alike to every image: oneDNN's own arguments, and what the filter is made of. */
struct PackedConvolution {
  const Tensor& filter;
  const OptionalTensor& bias;
  at::TensorList norm;
  double epsilon;
  std::vector<int64_t> strides, padding, dilations;
  int64_t groups;
  bool relu;
};

/** Filters as oneDNN wants them, each as long as the tensors that it was made of, and until a step writes to
 * any. */
class PackedFilters {
 public:
  static PackedFilters& all() {
    static auto* filters = new PackedFilters;  // threads of libtorch may outlive a static
    return *filters;
  }

  /** Whether this libtorch has oneDNN. */
  bool available() const { return pack_.has_value() && run_.has_value(); }

  /** y = relu(norm(conv2d(x) + bias)) of images [N, C, H, W] that lie as [N, H, W, C]; `scaling` says what
   * the norm does. */
  template <typename Scaling>
  Tensor run(const Tensor& images, const PackedConvolution& what, const Scaling& scaling) {
    torch::jit::Stack stack{images, packed(images, what, scaling)};
    run_->callBoxed(&stack);
    return stack[0].toTensor();
  }

  /** Forgets all: training needs the memory, and changes the filters. */
  void clear() {
    const std::lock_guard<std::mutex> lock(mutex_);
    entries_.clear();
  }

 private:
  using Weak = c10::weak_intrusive_ptr<c10::TensorImpl, c10::UndefinedTensorImpl>;
  struct Entry {
    std::vector<Weak> made_of;
    double epsilon;
    std::vector<int64_t> geometry;
    c10::IValue packed;
  };

  PackedFilters()
      : pack_(c10::Dispatcher::singleton().findSchema({"mkldnn_prepacked::conv2d_prepack", ""})),
        run_(c10::Dispatcher::singleton().findSchema({"mkldnn_prepacked::conv2d_run", ""})) {}

  static bool gone(const Entry& entry) {
    return std::any_of(entry.made_of.begin(), entry.made_of.end(),
                       [](const Weak& one) { return one.expired(); });
  }

  template <typename Scaling>
  c10::IValue packed(const Tensor& images, const PackedConvolution& what, const Scaling& scaling) {
    std::vector<Weak> made_of;
    const auto note = [&](const Tensor& tensor) { made_of.emplace_back(tensor.getIntrusivePtr()); };
    note(what.filter);
    if (what.bias) note(*what.bias);
    for (const Tensor& one : what.norm) note(one);
    std::vector<int64_t> geometry{what.groups, what.relu, what.bias ? 1 : 0};
    for (const auto* list : {&what.strides, &what.padding, &what.dilations})
      geometry.insert(geometry.end(), list->begin(), list->end());

    const std::lock_guard<std::mutex> lock(mutex_);
    const auto found = entries_.find(what.filter.unsafeGetTensorImpl());
    // An expired reference still keeps its address from being used again.
    if (found != entries_.end() && found->second.made_of == made_of &&
        found->second.epsilon == what.epsilon && found->second.geometry == geometry)
      return found->second.packed;

    for (auto at = entries_.begin(); at != entries_.end();)
      at = gone(at->second) ? entries_.erase(at) : std::next(at);
    const auto [scale, shift] = scaling();
    const auto weight = convolution::to_oihw(what.filter);
    const auto scaled = what.norm.empty() ? weight : weight * scale.view({-1, 1, 1, 1});
    torch::jit::Stack stack{scaled,         shift,       what.strides,         what.padding,
                            what.dilations, what.groups, images.sizes().vec(), what.relu ? "relu" : "none"};
    pack_->callBoxed(&stack);
    entries_[what.filter.unsafeGetTensorImpl()] = {made_of, what.epsilon, geometry, stack[0]};
    return stack[0];
  }

  // std::optional, or c10's own in older releases.
  const decltype(c10::Dispatcher::singleton().findSchema({"", ""})) pack_, run_;
  std::mutex mutex_;
  std::unordered_map<const c10::TensorImpl*, Entry> entries_;
};

}  // namespace foveal
