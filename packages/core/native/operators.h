// Torch's operators by name: the schema of each is read once, then arguments come as doubles and become
// IValues.
//
// The wire: every argument is a tag and its payload.
//   kDefault | kNone | kTensor handle | kNumber x | kBool 0/1 | kString index
//   kNumbers n x… | kTensors n handle… (a handle of -1 is None)
// The results of a call are written over the arguments, one after another:
//   handle dtype rank dim… for a tensor, -1 x for a number, -1 NaN for a tensor that was not asked for.
#pragma once
#include <ATen/ATen.h>
#include <ATen/core/dispatch/Dispatcher.h>

#include <string>
#include <vector>

#include "tensor_store.h"

namespace foveal {

enum Tag { kDefault, kNone, kTensor, kNumber, kBool, kString, kNumbers, kTensors };

enum class Kind {
  Tensor,
  Scalar,
  Int,
  Float,
  Bool,
  String,
  Device,
  Generator,
  IntList,
  FloatList,
  BoolList,
  ScalarList,
  TensorList,
  OptionalTensorList,
  Unsupported,
};

struct Parameter {
  std::string name;
  Kind kind;
  bool optional;
  bool has_default;
  c10::IValue default_value;
  int64_t length;  // of a list with a fixed length: one number then stands for all; else 0
  // It is called `filter` in an operator of ours: [h, w, in, out], to be laid out as [out, h, w, in] in
  // memory once and for all. The tensor under the handle is replaced by an equal one.
  bool filter;
};

struct Operator {
  c10::OperatorHandle handle;
  std::string name;
  std::vector<Parameter> parameters;
  bool takes_tensors;
  bool reshapes;  // aten::reshape
};

/** A string from JavaScript, and what it means where torch's schema wants an integer: a dtype or a memory
 * format. */
struct Name {
  std::string text;
  int64_t code;  // -1: none
};

Operator find_operator(const std::string& name, const std::string& overload);
std::string describe(const Operator& op);
Name make_name(std::string text);

/** Everything one JavaScript environment owns. */
struct Session {
  TensorStore tensors;
  std::vector<Operator> operators;
  std::vector<Name> names;
  c10::Device device{c10::DeviceType::CPU};
  double* wire = nullptr;
  size_t wire_length = 0;
  std::vector<c10::IValue> stack;
  const Operator* running = nullptr;  // torch's messages seldom name the operator

  /** Runs an operator on the `length` numbers of the wire; the results stay on the stack. */
  void call(const Operator& op, size_t length);
  /** Writes the stack's results to the wire and empties it. Returns their count, or minus the wire length
   * needed. */
  int64_t write_results();
};

}  // namespace foveal
