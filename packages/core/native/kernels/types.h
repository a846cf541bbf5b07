// The dispatcher's own types under names that hold for torch 1.13 (c10::) and 2.x (std::) alike.
#pragma once

#include <ATen/ATen.h>
#include <ATen/core/ivalue.h>

#include <utility>

namespace foveal {

using at::Tensor;
using OptionalTensor = decltype(std::declval<const c10::IValue&>().toOptional<Tensor>());
using StringView = decltype(std::declval<const c10::IValue&>().toStringView());

}  // namespace foveal
