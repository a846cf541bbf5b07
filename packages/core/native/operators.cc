#include "operators.h"

#include <cmath>
#include <sstream>

namespace foveal {
namespace {

Kind kind_of_list(const c10::TypePtr& element) {
  switch (element->kind()) {
    case c10::TypeKind::TensorType:
      return Kind::TensorList;
    case c10::TypeKind::OptionalType:
      return Kind::OptionalTensorList;
    case c10::TypeKind::IntType:
    case c10::TypeKind::SymIntType:
      return Kind::IntList;
    case c10::TypeKind::FloatType:
      return Kind::FloatList;
    case c10::TypeKind::BoolType:
      return Kind::BoolList;
    case c10::TypeKind::NumberType:
      return Kind::ScalarList;
    default:
      return Kind::Unsupported;
  }
}

Kind kind_of(const c10::TypePtr& type) {
  switch (type->kind()) {
    case c10::TypeKind::TensorType:
      return Kind::Tensor;
    case c10::TypeKind::NumberType:
      return Kind::Scalar;
    case c10::TypeKind::IntType:
    case c10::TypeKind::SymIntType:
    case c10::TypeKind::ScalarTypeType:
    case c10::TypeKind::LayoutType:
    case c10::TypeKind::MemoryFormatType:
      return Kind::Int;
    case c10::TypeKind::FloatType:
      return Kind::Float;
    case c10::TypeKind::BoolType:
      return Kind::Bool;
    case c10::TypeKind::StringType:
      return Kind::String;
    case c10::TypeKind::DeviceObjType:
      return Kind::Device;
    case c10::TypeKind::GeneratorType:
      return Kind::Generator;
    case c10::TypeKind::ListType:
      return kind_of_list(type->containedTypes()[0]);
    default:
      return Kind::Unsupported;
  }
}

/** Whether [h, w, in, out] lies in memory as [out, h, w, in]. */
bool is_packed(const at::Tensor& filter) {
  static constexpr int order[] = {2, 1, 0, 3};
  int64_t stride = 1;
  for (int d : order) {
    if (filter.size(d) != 1 && filter.stride(d) != stride) return false;
    stride *= filter.size(d);
  }
  return true;
}

/** Reads the wire, one value after another, and says where it stands when something is wrong. */
class Reader {
 public:
  Reader(Session& session, const Operator& op, size_t length)
      : session_(session), op_(op), at_(session.wire), end_(session.wire + length) {}

  bool done() const { return at_ >= end_; }

  c10::IValue read(const Parameter& p) {
    switch (static_cast<Tag>(next())) {
      case kDefault:
        return missing(p);
      case kNone:
        TORCH_CHECK(p.optional, op_.name, ": '", p.name, "' must not be null");
        return p.kind == Kind::Device ? missing(p) : c10::IValue();
      case kTensor: {
        const int64_t handle = static_cast<int64_t>(next());
        const at::Tensor& tensor = session_.tensors.get(handle);
        TORCH_CHECK(p.kind == Kind::Tensor, mismatch(p, "a tensor"));
        if (p.filter && tensor.dim() == 4 && !is_packed(tensor))
          session_.tensors.replace(handle, tensor.permute({3, 0, 1, 2}).contiguous().permute({1, 2, 3, 0}));
        return session_.tensors.get(handle);
      }
      case kNumber:
        return number(p, next());
      case kBool: {
        const bool value = next() != 0;
        if (p.kind == Kind::Bool || p.kind == Kind::Scalar) return value;
        TORCH_CHECK(false, mismatch(p, "a boolean"));
      }
      case kString:
        return string(p, session_.names[static_cast<size_t>(next())]);
      case kNumbers:
        return numbers(p, static_cast<size_t>(next()));
      case kTensors:
        return tensors(p, static_cast<size_t>(next()));
    }
    TORCH_CHECK(false, op_.name, ": malformed call");
  }

  c10::IValue missing(const Parameter& p) const {
    // A factory without tensors to follow would create on the CPU, whatever the engine's device.
    if (p.kind == Kind::Device && !op_.takes_tensors) return session_.device;
    if (p.has_default) return p.default_value;
    TORCH_CHECK(p.optional, op_.name, ": argument '", p.name, "' is missing; the schema is ",
                op_.handle.schema());
    return c10::IValue();
  }

 private:
  double next() {
    TORCH_CHECK(at_ < end_, op_.name, ": malformed call");
    return *at_++;
  }

  std::string mismatch(const Parameter& p, const char* got) const {
    std::ostringstream out;
    out << op_.name << ": '" << p.name << "' does not take " << got << "; the schema is "
        << op_.handle.schema();
    return out.str();
  }

  int64_t integer(const Parameter& p, double x) const {
    TORCH_CHECK(std::trunc(x) == x && std::abs(x) <= 9007199254740992., op_.name, ": '", p.name,
                "' must be an integer, got ", x);
    return static_cast<int64_t>(x);
  }

  // A double would promote integer tensors, so whole numbers travel as integers.
  static at::Scalar scalar(double x) {
    if (std::trunc(x) == x && std::abs(x) <= 9007199254740991.) return static_cast<int64_t>(x);
    return x;
  }

  c10::IValue number(const Parameter& p, double x) const {
    switch (p.kind) {
      case Kind::Scalar:
        return scalar(x);
      case Kind::Int:
        return integer(p, x);
      case Kind::Float:
        return x;
      case Kind::Bool:
        return x != 0;
      case Kind::IntList:
        return std::vector<int64_t>(p.length > 0 ? p.length : 1, integer(p, x));
      case Kind::FloatList:
        return std::vector<double>(p.length > 0 ? p.length : 1, x);
      case Kind::Generator: {
        at::Generator generator = at::globalContext().defaultGenerator(session_.device).clone();
        generator.set_current_seed(static_cast<uint64_t>(integer(p, x)));
        return generator;
      }
      default:
        TORCH_CHECK(false, mismatch(p, "a number"));
    }
  }

  c10::IValue string(const Parameter& p, const Name& name) const {
    switch (p.kind) {
      case Kind::String:
        return name.text;
      case Kind::Int:
        TORCH_CHECK(name.code >= 0, op_.name, ": '", p.name, "' got '", name.text,
                    "', which is neither a dtype nor a memory format");
        return name.code;
      case Kind::Device:
        return c10::Device(name.text);
      default:
        TORCH_CHECK(false, mismatch(p, "a string"));
    }
  }

  c10::IValue numbers(const Parameter& p, size_t n) {
    TORCH_CHECK(n <= static_cast<size_t>(end_ - at_), op_.name, ": malformed call");
    const double* from = at_;
    at_ += n;
    switch (p.kind) {
      case Kind::IntList: {
        std::vector<int64_t> list(n);
        for (size_t i = 0; i < n; ++i) list[i] = integer(p, from[i]);
        return list;
      }
      case Kind::FloatList:
        return std::vector<double>(from, from + n);
      case Kind::BoolList: {
        c10::List<bool> list;
        for (size_t i = 0; i < n; ++i) list.push_back(from[i] != 0);
        return list;
      }
      case Kind::ScalarList: {
        c10::List<at::Scalar> list;
        for (size_t i = 0; i < n; ++i) list.push_back(scalar(from[i]));
        return list;
      }
      case Kind::TensorList:
      case Kind::OptionalTensorList:
        if (n == 0) return tensors(p, 0);
        [[fallthrough]];
      default:
        TORCH_CHECK(false, mismatch(p, "a list of numbers"));
    }
  }

  c10::IValue tensors(const Parameter& p, size_t n) {
    TORCH_CHECK(n <= static_cast<size_t>(end_ - at_), op_.name, ": malformed call");
    if (p.kind == Kind::TensorList) {
      c10::List<at::Tensor> list;
      list.reserve(n);
      for (size_t i = 0; i < n; ++i) list.push_back(session_.tensors.get(static_cast<int64_t>(next())));
      return list;
    }
    TORCH_CHECK(p.kind == Kind::OptionalTensorList, mismatch(p, "a list of tensors"));
    c10::impl::GenericList list(c10::OptionalType::create(c10::TensorType::get()));
    for (size_t i = 0; i < n; ++i) {
      const int64_t handle = static_cast<int64_t>(next());
      list.push_back(handle < 0 ? c10::IValue() : c10::IValue(session_.tensors.get(handle)));
    }
    return list;
  }

  Session& session_;
  const Operator& op_;
  const double* at_;
  const double* end_;
};

/**
 * Torch 1.13 takes a microsecond to reshape, for it reckons with symbolic sizes; tfjs reshapes all the time,
 * mostly contiguous tensors. Returns false where it is not that simple.
 */
bool reshape_contiguous(std::vector<c10::IValue>& stack) {
  const at::Tensor& tensor = stack[0].toTensor();
  if (!tensor.is_contiguous()) return false;
  const std::vector<int64_t> shape = stack[1].toIntVector();
  int64_t size = 1;
  for (int64_t dim : shape) {
    if (dim < 0) return false;
    size *= dim;
  }
  if (size != tensor.numel()) return false;
  at::Tensor view = tensor.alias();
  view.unsafeGetTensorImpl()->set_sizes_contiguous(shape);
  stack.clear();
  stack.emplace_back(std::move(view));
  return true;
}

void flatten_lists(std::vector<c10::IValue>& stack) {
  std::vector<c10::IValue> flat;
  for (const c10::IValue& value : stack) {
    if (value.isTensorList()) {
      for (const at::Tensor& tensor : value.toTensorVector()) flat.emplace_back(tensor);
    } else {
      flat.push_back(value);
    }
  }
  stack.swap(flat);
}

size_t wire_size(const std::vector<c10::IValue>& stack) {
  size_t size = 0;
  for (const c10::IValue& value : stack) size += value.isTensor() ? 3 + value.toTensor().dim() : 2;
  return size;
}

}  // namespace

Operator find_operator(const std::string& name, const std::string& overload) {
  const bool ours = name.rfind("foveal::", 0) == 0;
  auto found = c10::Dispatcher::singleton().findSchema({name, overload});
  TORCH_CHECK(found, "torch has no operator ", name, overload.empty() ? "" : ".", overload,
              ours ? ": declare it in native/ops.cpp and run `npm run native`" : "");
  Operator op{*found, overload.empty() ? name : name + "." + overload, {}, false, name == "aten::reshape"};
  for (const c10::Argument& argument : found->schema().arguments()) {
    c10::TypePtr type = argument.type();
    const bool optional = type->kind() == c10::TypeKind::OptionalType;
    if (optional) type = type->containedTypes()[0];
    const Kind kind = kind_of(type);
    op.takes_tensors |= kind == Kind::Tensor || kind == Kind::TensorList;
    const auto& fallback = argument.default_value();
    op.parameters.push_back({argument.name(), kind, optional, fallback.has_value(),
                             fallback.has_value() ? *fallback : c10::IValue(),
                             argument.N().has_value() ? static_cast<int64_t>(*argument.N()) : 0,
                             ours && argument.name() == "filter"});
  }
  return op;
}

std::string describe(const Operator& op) {
  std::ostringstream out;
  out << op.handle.schema();
  return out.str();
}

Name make_name(std::string text) {
  static constexpr std::pair<const char*, int64_t> codes[] = {
      {"float32", static_cast<int64_t>(at::kFloat)},
      {"int32", static_cast<int64_t>(at::kInt)},
      {"bool", static_cast<int64_t>(at::kBool)},
      {"int64", static_cast<int64_t>(at::kLong)},
      {"float64", static_cast<int64_t>(at::kDouble)},
      {"float16", static_cast<int64_t>(at::kHalf)},
      {"bfloat16", static_cast<int64_t>(at::kBFloat16)},
      {"uint8", static_cast<int64_t>(at::kByte)},
      {"complex64", static_cast<int64_t>(at::kComplexFloat)},
      {"contiguous_format", static_cast<int64_t>(at::MemoryFormat::Contiguous)},
      {"preserve_format", static_cast<int64_t>(at::MemoryFormat::Preserve)},
      {"channels_last", static_cast<int64_t>(at::MemoryFormat::ChannelsLast)},
  };
  for (const auto& [name, code] : codes)
    if (text == name) return {std::move(text), code};
  return {std::move(text), -1};
}

void Session::call(const Operator& op, size_t length) {
  running = &op;
  stack.clear();
  Reader reader(*this, op, length);
  for (const Parameter& parameter : op.parameters)
    stack.push_back(reader.done() ? reader.missing(parameter) : reader.read(parameter));
  TORCH_CHECK(reader.done(), op.name, " takes ", op.parameters.size(), " arguments, got more; the schema is ",
              op.handle.schema());
  if (!op.reshapes || !reshape_contiguous(stack)) op.handle.callBoxed(&stack);
  running = nullptr;
}

int64_t Session::write_results() {
  for (const c10::IValue& value : stack) {
    if (value.isTensorList()) {
      flatten_lists(stack);
      break;
    }
  }
  const size_t needed = wire_size(stack);
  if (needed > wire_length) return -static_cast<int64_t>(needed);
  double* to = wire;
  for (c10::IValue& value : stack) {
    if (value.isTensor() && value.toTensor().defined()) {
      at::Tensor tensor = std::move(value).toTensor();
      // An operator that returns its argument would share one tensor between two handles: with an alias the
      // storage's references count the handles, and who writes in place can tell whether it is alone.
      if (tensor.use_count() > 1) tensor = tensor.alias();
      const int64_t rank = tensor.dim();
      double* header = to;
      to[1] = static_cast<double>(tensor.scalar_type());
      to[2] = static_cast<double>(rank);
      for (int64_t d = 0; d < rank; ++d) to[3 + d] = static_cast<double>(tensor.size(d));
      to += 3 + rank;
      header[0] = static_cast<double>(tensors.put(std::move(tensor)));
    } else {
      *to++ = -1;
      *to++ = value.isTensor() ? NAN : value.isBool() ? value.toBool() : value.toScalar().toDouble();
    }
  }
  const int64_t count = static_cast<int64_t>(stack.size());
  stack.clear();
  return count;
}

}  // namespace foveal
