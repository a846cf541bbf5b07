// The addon's face to JavaScript, in plain C Node-API: resolve, call, upload, read, free and a few switches.
#include <ATen/Parallel.h>
#include <c10/core/InferenceMode.h>
#include <c10/core/Stream.h>
#include <c10/core/impl/VirtualGuardImpl.h>
#include <node_api.h>
#include <torch/csrc/api/include/torch/version.h>

#include <cstring>
#include <memory>

#include "cpu_memory.h"
#include "devices.h"
#include "operators.h"

namespace foveal {
namespace {

constexpr char kOutOfMemory[] = "FOVEAL_OUT_OF_MEMORY";

struct Environment {
  Session session;
  napi_ref wire = nullptr;
};

Session& session_of(napi_env env) {
  void* data = nullptr;
  napi_get_instance_data(env, &data);
  return static_cast<Environment*>(data)->session;
}

void check(napi_env env, napi_status status) {
  if (status == napi_ok) return;
  const napi_extended_error_info* info = nullptr;
  napi_get_last_error_info(env, &info);
  TORCH_CHECK(false, info && info->error_message ? info->error_message : "Node-API call failed");
}

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

void throw_out_of_memory(napi_env env, const std::string& message) {
  const StoreUsage usage = session_of(env).tensors.usage();
  std::ostringstream out;
  const Operator* running = session_of(env).running;
  out << (running ? running->name + ": " : "") << first_line(message) << " (" << usage.tensors
      << " tensors hold " << (usage.bytes >> 20)
      << " MiB; use a smaller batch, or dispose tensors with tf.tidy)";
  napi_throw_error(env, kOutOfMemory, out.str().c_str());
}

void throw_error(napi_env env, const std::string& what) {
  std::string message = first_line(what);
  const Operator* running = session_of(env).running;
  if (running && message.rfind(running->name, 0) != 0) message = running->name + ": " + message;
  napi_throw_error(env, nullptr, message.c_str());
}

/** Runs `body` with its arguments; what it throws becomes a JavaScript exception. */
template <size_t N, typename Body>
napi_value guarded(napi_env env, napi_callback_info info, Body body) {
  napi_value argv[N > 0 ? N : 1];
  size_t argc = N;
  napi_get_cb_info(env, info, &argc, argv, nullptr, nullptr);
  try {
    TORCH_CHECK(argc >= N, "expected ", N, " arguments, got ", argc);
    return body(argv);
  } catch (const c10::OutOfMemoryError& error) {
    throw_out_of_memory(env, error.what_without_backtrace());
  } catch (const c10::Error& error) {
    const std::string message = error.what_without_backtrace();
    if (message.find("can't allocate memory") != std::string::npos)
      throw_out_of_memory(env, message);
    else
      throw_error(env, message);
  } catch (const std::bad_alloc&) {
    throw_out_of_memory(env, "out of memory");
  } catch (const std::exception& error) {
    throw_error(env, error.what());
  }
  Session& session = session_of(env);
  session.stack.clear();
  session.running = nullptr;
  return nullptr;
}

int64_t to_int(napi_env env, napi_value value) {
  int64_t result = 0;
  check(env, napi_get_value_int64(env, value, &result));
  return result;
}

std::string to_string(napi_env env, napi_value value) {
  size_t length = 0;
  check(env, napi_get_value_string_utf8(env, value, nullptr, 0, &length));
  std::string text(length, '\0');
  check(env, napi_get_value_string_utf8(env, value, text.data(), length + 1, &length));
  return text;
}

napi_value from_int(napi_env env, int64_t number) {
  napi_value value;
  check(env, napi_create_int64(env, number, &value));
  return value;
}

napi_value from_string(napi_env env, const std::string& text) {
  napi_value value;
  check(env, napi_create_string_utf8(env, text.data(), text.size(), &value));
  return value;
}

void set(napi_env env, napi_value object, const char* name, napi_value value) {
  check(env, napi_set_named_property(env, object, name, value));
}

template <typename Number>
napi_value from_list(napi_env env, const Number& numbers) {
  napi_value list;
  check(env, napi_create_array_with_length(env, numbers.size(), &list));
  for (size_t i = 0; i < numbers.size(); ++i)
    check(env, napi_set_element(env, list, static_cast<uint32_t>(i), from_int(env, numbers[i])));
  return list;
}

/** bind(wire: Float64Array): arguments and results travel in it from now on. */
napi_value bind(napi_env env, napi_callback_info info) {
  return guarded<1>(env, info, [&](napi_value* argv) -> napi_value {
    void* environment = nullptr;
    check(env, napi_get_instance_data(env, &environment));
    auto& [session, wire] = *static_cast<Environment*>(environment);
    napi_typedarray_type type;
    size_t length = 0;
    void* data = nullptr;
    check(env, napi_get_typedarray_info(env, argv[0], &type, &length, &data, nullptr, nullptr));
    TORCH_CHECK(type == napi_float64_array, "bind takes a Float64Array");
    if (wire) napi_delete_reference(env, wire);
    check(env, napi_create_reference(env, argv[0], 1, &wire));
    session.wire = static_cast<double*>(data);
    session.wire_length = length;
    return nullptr;
  });
}

/** intern(text): index. */
napi_value intern(napi_env env, napi_callback_info info) {
  return guarded<1>(env, info, [&](napi_value* argv) {
    auto& names = session_of(env).names;
    names.push_back(make_name(to_string(env, argv[0])));
    return from_int(env, static_cast<int64_t>(names.size()) - 1);
  });
}

/** resolve(name, overload): operator handle. */
napi_value resolve(napi_env env, napi_callback_info info) {
  return guarded<2>(env, info, [&](napi_value* argv) {
    auto& operators = session_of(env).operators;
    operators.push_back(find_operator(to_string(env, argv[0]), to_string(env, argv[1])));
    return from_int(env, static_cast<int64_t>(operators.size()) - 1);
  });
}

/** schema(operator): its declaration. */
napi_value schema(napi_env env, napi_callback_info info) {
  return guarded<1>(env, info, [&](napi_value* argv) {
    return from_string(env, describe(session_of(env).operators.at(to_int(env, argv[0]))));
  });
}

/** call(operator, length): the number of results, or minus the wire length that they need; then call take().
 */
napi_value call(napi_env env, napi_callback_info info) {
  return guarded<2>(env, info, [&](napi_value* argv) {
    Session& session = session_of(env);
    const c10::InferenceMode no_tape;
    const size_t length = static_cast<size_t>(to_int(env, argv[1]));
    TORCH_CHECK(length <= session.wire_length, "the arguments are longer than the wire");
    session.call(session.operators.at(to_int(env, argv[0])), length);
    return from_int(env, session.write_results());
  });
}

/** take(): the results that did not fit, after bind() with a longer wire. */
napi_value take(napi_env env, napi_callback_info info) {
  return guarded<0>(env, info, [&](napi_value*) { return from_int(env, session_of(env).write_results()); });
}

at::ScalarType dtype_of(napi_typedarray_type type) {
  switch (type) {
    case napi_float32_array:
      return at::kFloat;
    case napi_int32_array:
      return at::kInt;
    case napi_uint8_array:
      return at::kByte;
    case napi_float64_array:
      return at::kDouble;
    default:
      TORCH_CHECK(false, "upload takes a Float32Array, Int32Array, Uint8Array or Float64Array");
  }
}

/** upload(values: typed array, dtype, shape: Float64Array): handle. Complex values interleave. */
napi_value upload(napi_env env, napi_callback_info info) {
  return guarded<3>(env, info, [&](napi_value* argv) {
    Session& session = session_of(env);
    const c10::InferenceMode no_tape;
    napi_typedarray_type type;
    size_t length = 0;
    void* data = nullptr;
    check(env, napi_get_typedarray_info(env, argv[0], &type, &length, &data, nullptr, nullptr));
    const auto dtype = static_cast<at::ScalarType>(to_int(env, argv[1]));
    at::ScalarType source_dtype = dtype_of(type);
    if (dtype == at::kComplexFloat && source_dtype == at::kFloat) {
      source_dtype = dtype;
      length /= 2;
    }
    napi_typedarray_type shape_type;
    size_t rank = 0;
    void* dims = nullptr;
    check(env, napi_get_typedarray_info(env, argv[2], &shape_type, &rank, &dims, nullptr, nullptr));
    TORCH_CHECK(shape_type == napi_float64_array, "upload takes the shape as a Float64Array");
    const std::vector<int64_t> shape(static_cast<double*>(dims), static_cast<double*>(dims) + rank);
    int64_t size = 1;
    for (int64_t dim : shape) size *= dim;
    TORCH_CHECK(size == static_cast<int64_t>(length), "upload: ", length, " values do not fill the shape ",
                c10::IntArrayRef(shape));
    at::Tensor tensor = at::empty(shape, at::TensorOptions(dtype).device(session.device));
    if (tensor.is_cpu() && source_dtype == dtype) {
      // In one thread: copy_ would wait for others of torch's, which wait for a core while images are
      // decoded.
      std::memcpy(tensor.data_ptr(), data, tensor.nbytes());
    } else if (size > 0) {
      // Not waiting is safe: CUDA stages pageable memory before it returns.
      tensor.copy_(at::from_blob(data, shape, source_dtype), /*non_blocking=*/true);
    }
    return from_int(env, session.tensors.put(std::move(tensor)));
  });
}

/** read(handle): a fresh typed array in row-major order; int64 comes as int32, float64 as float32. */
napi_value read(napi_env env, napi_callback_info info) {
  return guarded<1>(env, info, [&](napi_value* argv) {
    const c10::InferenceMode no_tape;
    const at::Tensor tensor = session_of(env).tensors.get(to_int(env, argv[0]));
    size_t length = static_cast<size_t>(tensor.numel());
    at::ScalarType dtype = tensor.scalar_type();
    napi_typedarray_type type = napi_float32_array;
    size_t width = 4;
    if (dtype == at::kBool || dtype == at::kByte) {
      type = napi_uint8_array;
      width = 1;
    } else if (at::isIntegralType(dtype, false)) {
      type = napi_int32_array;
      dtype = at::kInt;
    } else if (at::isComplexType(dtype)) {
      dtype = at::kComplexFloat;
      width = 8;
    } else {
      dtype = at::kFloat;
    }
    void* data = nullptr;
    napi_value buffer, array;
    check(env, napi_create_arraybuffer(env, length * width, &data, &buffer));
    if (length > 0) at::from_blob(data, tensor.sizes(), dtype).copy_(tensor);
    if (dtype == at::kComplexFloat) length *= 2;
    check(env, napi_create_typedarray(env, type, length, buffer, 0, &array));
    return array;
  });
}

/** free(handle). */
napi_value free_tensor(napi_env env, napi_callback_info info) {
  return guarded<1>(env, info, [&](napi_value* argv) -> napi_value {
    session_of(env).tensors.free(to_int(env, argv[0]));
    return nullptr;
  });
}

/** alias(handle): a second handle to the same storage. */
napi_value alias(napi_env env, napi_callback_info info) {
  return guarded<1>(env, info, [&](napi_value* argv) {
    const c10::InferenceMode no_tape;
    TensorStore& tensors = session_of(env).tensors;
    return from_int(env, tensors.put(tensors.get(to_int(env, argv[0])).alias()));
  });
}

/** inspect(handle): {strides, references} of the tensor's storage, for tests. */
napi_value inspect(napi_env env, napi_callback_info info) {
  return guarded<1>(env, info, [&](napi_value* argv) {
    const at::Tensor& tensor = session_of(env).tensors.get(to_int(env, argv[0]));
    napi_value result;
    check(env, napi_create_object(env, &result));
    set(env, result, "strides", from_list(env, tensor.strides()));
    set(env, result, "references", from_int(env, static_cast<int64_t>(tensor.storage().use_count())));
    return result;
  });
}

/** setDevice(name): 'cpu' or 'cuda:0'. Uploads and factories go there. */
napi_value set_device(napi_env env, napi_callback_info info) {
  return guarded<1>(env, info, [&](napi_value* argv) -> napi_value {
    const c10::Device device(to_string(env, argv[0]));
    TORCH_CHECK(device.is_cpu() || (device.is_cuda() && at::hasCUDA() &&
                                    device.index() < static_cast<int64_t>(at::getNumGPUs())),
                "there is no device ", device, " here");
    session_of(env).device = device;
    return nullptr;
  });
}

/** setThreads(count), for calls from this JavaScript thread. */
napi_value set_threads(napi_env env, napi_callback_info info) {
  return guarded<1>(env, info, [&](napi_value* argv) -> napi_value {
    at::set_num_threads(static_cast<int>(to_int(env, argv[0])));
    return nullptr;
  });
}

/** allowTf32(0 or 1): lets CUDA round the factors of float32 products to 10 bits of mantissa. */
napi_value allow_tf32(napi_env env, napi_callback_info info) {
  return guarded<1>(env, info, [&](napi_value* argv) -> napi_value {
    const bool allowed = to_int(env, argv[0]) != 0;
    at::globalContext().setAllowTF32CuBLAS(allowed);
    at::globalContext().setAllowTF32CuDNN(allowed);
    return nullptr;
  });
}

/** manualSeed(seed) of torch's own generators. */
napi_value manual_seed(napi_env env, napi_callback_info info) {
  return guarded<1>(env, info, [&](napi_value* argv) -> napi_value {
    at::manual_seed(static_cast<uint64_t>(to_int(env, argv[0])));
    return nullptr;
  });
}

/** synchronize(): waits until the device has done all work. */
napi_value synchronize(napi_env env, napi_callback_info info) {
  return guarded<0>(env, info, [&](napi_value*) -> napi_value {
    const c10::Device device = session_of(env).device;
    if (!device.is_cpu()) c10::impl::VirtualGuardImpl(device.type()).getStream(device).synchronize();
    return nullptr;
  });
}

/** memory(): {tensors, bytes} held by this environment. */
napi_value memory(napi_env env, napi_callback_info info) {
  return guarded<0>(env, info, [&](napi_value*) {
    const StoreUsage usage = session_of(env).tensors.usage();
    napi_value result;
    check(env, napi_create_object(env, &result));
    set(env, result, "tensors", from_int(env, usage.tensors));
    set(env, result, "bytes", from_int(env, usage.bytes));
    return result;
  });
}

/** about(): {torch, threads, devices: {name, description, memory}[]}. */
napi_value about(napi_env env, napi_callback_info info) {
  return guarded<0>(env, info, [&](napi_value*) {
    napi_value result, devices;
    check(env, napi_create_object(env, &result));
    check(env, napi_create_array(env, &devices));
    uint32_t i = 0;
    for (const DeviceInfo& device : list_devices()) {
      napi_value entry;
      check(env, napi_create_object(env, &entry));
      set(env, entry, "name", from_string(env, device.name));
      set(env, entry, "description", from_string(env, device.description));
      set(env, entry, "memory", from_int(env, device.memory));
      check(env, napi_set_element(env, devices, i++, entry));
    }
    set(env, result, "torch", from_string(env, TORCH_VERSION));
    set(env, result, "threads", from_int(env, at::get_num_threads()));
    set(env, result, "devices", devices);
    return result;
  });
}

napi_value init(napi_env env, napi_value exports) {
  tune_cpu_memory();
  napi_set_instance_data(
      env, new Environment(), [](napi_env, void* data, void*) { delete static_cast<Environment*>(data); },
      nullptr);
  const std::pair<const char*, napi_callback> functions[] = {
      {"bind", bind},
      {"intern", intern},
      {"resolve", resolve},
      {"schema", schema},
      {"call", call},
      {"take", take},
      {"upload", upload},
      {"read", read},
      {"free", free_tensor},
      {"alias", alias},
      {"inspect", inspect},
      {"setDevice", set_device},
      {"setThreads", set_threads},
      {"allowTf32", allow_tf32},
      {"manualSeed", manual_seed},
      {"synchronize", synchronize},
      {"memory", memory},
      {"about", about},
  };
  for (const auto& [name, callback] : functions) {
    napi_value function;
    napi_create_function(env, name, NAPI_AUTO_LENGTH, callback, nullptr, &function);
    napi_set_named_property(env, exports, name, function);
  }
  return exports;
}

}  // namespace
}  // namespace foveal

NAPI_MODULE(foveal, foveal::init)
