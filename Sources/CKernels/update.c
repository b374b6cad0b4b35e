// Reduction over shards and the optimizers' update rules: each one pass over memory.
#include "CKernels.h"
#include "elementary.h"

LK_KERNEL(void, lk_clip_and_regularize, (long n, float scale, float limit, float l1, float l2, const float *parameter,
                                         float *gradient), (n, scale, limit, l1, l2, parameter, gradient)) {
  LK_ELEMENTWISE for (long i = 0; i < n; i++) {
    float p = parameter[i];
    float g = lk_at_most(lk_at_least(gradient[i] * scale, -limit), limit);
    float sign = p > 0.0f ? 1.0f : (p < 0.0f ? -1.0f : 0.0f);
    gradient[i] = l2 * p + (l1 * sign + g);
  }
}

LK_KERNEL(void, lk_sgd, (long n, float keep, float rate, float momentum, int nesterov, const float *gradient,
                         float *velocity, float *parameter),
          (n, keep, rate, momentum, nesterov, gradient, velocity, parameter)) {
  if (velocity == NULL) {
    LK_ELEMENTWISE for (long i = 0; i < n; i++) parameter[i] = keep * parameter[i] - rate * gradient[i];
  } else if (nesterov) {
    LK_ELEMENTWISE for (long i = 0; i < n; i++) {
      float v = momentum * velocity[i] + gradient[i];
      velocity[i] = v;
      parameter[i] = keep * parameter[i] - rate * (momentum * v + gradient[i]);
    }
  } else {
    LK_ELEMENTWISE for (long i = 0; i < n; i++) {
      float v = momentum * velocity[i] + gradient[i];
      velocity[i] = v;
      parameter[i] = keep * parameter[i] - rate * v;
    }
  }
}

LK_KERNEL(void, lk_adagrad, (long n, float keep, float rate, float epsilon, const float *gradient, float *sum,
                             float *parameter), (n, keep, rate, epsilon, gradient, sum, parameter)) {
  LK_ELEMENTWISE for (long i = 0; i < n; i++) {
    float g = gradient[i];
    float s = g * g + sum[i];
    sum[i] = s;
    parameter[i] = keep * parameter[i] - rate * g / (lk_quick_root(s) + epsilon);
  }
}

LK_KERNEL(void, lk_rmsprop, (long n, float keep, float rate, float decay, float rest, float epsilon,
                             const float *gradient, float *square, float *parameter),
          (n, keep, rate, decay, rest, epsilon, gradient, square, parameter)) {
  LK_ELEMENTWISE for (long i = 0; i < n; i++) {
    float g = gradient[i];
    float v = decay * square[i] + rest * g * g;
    square[i] = v;
    parameter[i] = keep * parameter[i] - rate * g / (lk_quick_root(v) + epsilon);
  }
}

LK_KERNEL(void, lk_adam, (long n, float keep, float rate, float gradient_rate, float beta1, float rest1, float beta2,
                          float rest2, float root_correction, float epsilon, const float *gradient, float *first,
                          float *second, float *parameter),
          (n, keep, rate, gradient_rate, beta1, rest1, beta2, rest2, root_correction, epsilon, gradient, first, second,
           parameter)) {
  LK_ELEMENTWISE for (long i = 0; i < n; i++) {
    float g = gradient[i];
    float m = beta1 * first[i] + rest1 * g;
    float v = beta2 * second[i] + rest2 * g * g;
    first[i] = m;
    second[i] = v;
    float step = (gradient_rate * g + rate * m) / (root_correction * lk_quick_root(v) + epsilon);
    parameter[i] = keep * parameter[i] - step;
  }
}

LK_KERNEL(void, lk_adamax, (long n, float keep, float rate, float beta1, float rest1, float beta2, float epsilon,
                            const float *gradient, float *first, float *norm, float *parameter),
          (n, keep, rate, beta1, rest1, beta2, epsilon, gradient, first, norm, parameter)) {
  LK_ELEMENTWISE for (long i = 0; i < n; i++) {
    float g = gradient[i];
    float m = beta1 * first[i] + rest1 * g;
    float u = lk_at_least(lk_magnitude(g) + epsilon, beta2 * norm[i]);
    first[i] = m;
    norm[i] = u;
    parameter[i] = keep * parameter[i] - rate * m / u;
  }
}

LK_KERNEL(void, lk_move_average, (long n, float rest, const float *value, float *average), (n, rest, value, average)) {
  LK_ELEMENTWISE for (long i = 0; i < n; i++) average[i] = lk_flushed(average[i] + rest * (value[i] - average[i]));
}

LK_KERNEL(void, lk_flush, (long n, float *x), (n, x)) {
  LK_ELEMENTWISE for (long i = 0; i < n; i++) x[i] = lk_flushed(x[i]);
}
