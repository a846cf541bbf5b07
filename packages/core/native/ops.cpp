// The schema of every operator of our own. Kernels register by device: kernels/cpu, kernels/cuda.
#include <torch/library.h>

TORCH_LIBRARY(foveal, m) {
  // Images are NHWC and contiguous; filters are HWIO of any strides, best physically OHWI.
  m.def(
      "conv2d(Tensor x, Tensor filter, Tensor? bias, int[] strides, int[] padding, int[] dilations, "
      "int groups) -> Tensor");
  m.def(
      "conv2d_input_grad(Tensor dy, Tensor filter, int[] input_shape, int[] strides, int[] padding, "
      "int[] dilations, int groups) -> Tensor");
  m.def(
      "conv2d_filter_grad(Tensor x, Tensor dy, int[] filter_shape, int[] strides, int[] padding, "
      "int[] dilations, int groups) -> Tensor");
  m.def(
      "conv2d_fused(Tensor x, Tensor filter, Tensor? bias, Tensor[] norm, float epsilon, Tensor? residual, "
      "int[] strides, int[] padding, int[] dilations, int groups, str activation, float slope) -> Tensor");
  m.def("to_filter_layout(Tensor filter) -> Tensor");

  m.def(
      "batch_norm_train(Tensor x, Tensor gamma, Tensor beta, float epsilon, bool relu) "
      "-> (Tensor, Tensor, Tensor)");
  m.def(
      "batch_norm_train_grad(Tensor dy, Tensor x, Tensor gamma, Tensor beta, Tensor mean, "
      "Tensor variance, float epsilon, bool relu) -> (Tensor, Tensor, Tensor)");
  m.def(
      "batch_norm_eval(Tensor x, Tensor gamma, Tensor beta, Tensor mean, Tensor variance, "
      "float epsilon, bool relu) -> Tensor");

  // reduction: 0 none, 1 mean, 2 sum.
  m.def(
      "softmax_cross_entropy(Tensor logits, Tensor labels, Tensor? weights, int ignore_index, "
      "float label_smoothing, int reduction) -> (Tensor, Tensor)");
  m.def(
      "softmax_cross_entropy_grad(Tensor dy, Tensor logits, Tensor labels, Tensor? weights, "
      "Tensor total_weight, int ignore_index, float label_smoothing, int reduction) -> Tensor");

  m.def("add_relu(Tensor a, Tensor b) -> Tensor");

  m.def("dropout(Tensor x, float rate, int seed) -> Tensor");

  m.def("local_response_norm(Tensor x, int size, float alpha, float beta, float k) -> Tensor");
  m.def(
      "local_response_norm_grad(Tensor dy, Tensor x, int size, float alpha, float beta, float k) "
      "-> Tensor");

  m.def(
      "roi_align(Tensor features, Tensor boxes, Tensor box_indices, int bins_h, int bins_w, "
      "float spatial_scale, int sampling_ratio, bool aligned) -> Tensor");
  m.def(
      "roi_align_grad(Tensor dy, Tensor boxes, Tensor box_indices, int[] shape, int bins_h, "
      "int bins_w, float spatial_scale, int sampling_ratio, bool aligned) -> Tensor");

  // Overlaps of boxes [x1, y1, x2, y2]; indices are int32, by falling score.
  m.def("box_iou(Tensor a, Tensor b) -> Tensor");
  m.def("nms(Tensor boxes, Tensor scores, Tensor? categories, float iou_threshold) -> Tensor");
  m.def("top_k_indices(Tensor scores, int k) -> Tensor");

  // The second result: the pixel of its image where each value is, -1 where there is none.
  m.def(
      "roi_pool(Tensor features, Tensor boxes, Tensor box_indices, int bins_h, int bins_w, "
      "float spatial_scale) -> (Tensor, Tensor)");
  m.def("roi_pool_grad(Tensor dy, Tensor largest, Tensor box_indices, int[] shape) -> Tensor");

  m.def("sigmoid_focal(Tensor logits, Tensor targets, float alpha, float gamma) -> Tensor");
  m.def("sigmoid_focal_grad(Tensor dy, Tensor logits, Tensor targets, float alpha, float gamma) -> Tensor");

  m.def(
      "soft_nms(Tensor boxes, Tensor scores, bool gaussian, float sigma, float iou_threshold, "
      "float score_threshold) -> (Tensor, Tensor)");

  m.def(
      "crop_resize(Tensor image, Tensor boxes, Tensor box_indices, int crop_h, int crop_w, bool nearest, "
      "float outside) -> Tensor");
  m.def("crop_resize_grad(Tensor dy, Tensor boxes, Tensor box_indices, int[] shape, bool nearest) -> Tensor");
  m.def("paste_masks(Tensor masks, Tensor boxes, int height, int width) -> Tensor");

  // Each returns the new params, then the new states, list by list. What nobody else shares is updated
  // in place and returned as an alias. An empty state list starts the states afresh.
  m.def(
      "sgd_step(Tensor[] params, Tensor[] grads, Tensor[] momenta, float lr, float momentum, "
      "float dampening, bool nesterov, float weight_decay, float l1, bool first) -> Tensor[]");
  m.def(
      "adam_step(Tensor[] params, Tensor[] grads, Tensor[] m, Tensor[] v, float lr, float beta1, "
      "float beta2, float eps, float weight_decay, float l1, bool decoupled, int step) -> Tensor[]");
  m.def(
      "rms_prop_step(Tensor[] params, Tensor[] grads, Tensor[] square_avg, Tensor[] momenta, float lr, "
      "float alpha, float eps, float momentum, float weight_decay, float l1) -> Tensor[]");
  m.def(
      "ada_grad_step(Tensor[] params, Tensor[] grads, Tensor[] sums, float lr, float eps, "
      "float weight_decay, float l1) -> Tensor[]");
  m.def(
      "ada_delta_step(Tensor[] params, Tensor[] grads, Tensor[] square_avg, Tensor[] acc_delta, "
      "float lr, float rho, float eps, float weight_decay, float l1) -> Tensor[]");
}
