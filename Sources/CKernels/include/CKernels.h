// Vector loops of Lockstep. Every matrix is row-major float32; `rows` and `columns` are its shape. It may be some
// columns of a wider one: where there is a `row`, the rows of all its matrices are as many elements apart.
//
// Rules that the promise of the same bits rests on:
// - an element's result never depends on where a slice starts or ends, nor on its lane in a vector;
// - a sum over rows or elements has an order fixed by the shape alone;
// - no function keeps state, allocates, or reads the clock.
// Pointers may be NULL only where said; outputs may alias inputs only where said.
#ifndef LOCKSTEP_KERNELS_H
#define LOCKSTEP_KERNELS_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// MARK: Activations

typedef enum {
  LK_SIGMOID, LK_TANH, LK_RELU, LK_LEAKY_RELU, LK_ELU, LK_SELU, LK_SOFTPLUS, LK_SOFTSIGN, LK_GELU,
  LK_GELU_TANH, LK_SILU, LK_MISH
} lk_activation;

// y = f(x), elementwise over n elements; `parameter` is the slope of leaky ReLU or the alpha of ELU.
// A NaN stays a NaN in every activation. y may alias x.
void lk_activation_forward(lk_activation kind, float parameter, long n, const float *x, float *y);
// dx = dy * f'(x); the derivative at 0 is that of the negative branch. y = f(x) is given where it is cheaper
// to use than x. dx may alias dy.
void lk_activation_backward(lk_activation kind, float parameter, long n, const float *x, const float *y,
                            const float *dy, float *dx);

// PReLU: y = x > 0 ? x : slope * x; slope has `columns` values, or one if shared is not 0.
void lk_prelu_forward(long rows, long columns, long row, const float *slope, int shared, const float *x, float *y);
// sums[c] = sum over rows of dy * min(x, 0) (overwritten): the gradient of column c's slope
void lk_prelu_backward_sums(long rows, long columns, long row, const float *x, const float *dy, float *sums);
// dx = dy * (x > 0 ? 1 : slope); may alias dy
void lk_prelu_backward_input(long rows, long columns, long row, const float *slope, int shared, const float *x,
                             const float *dy, float *dx);

// MARK: Matrix products
//
// Every element is multiply-adds over the terms in a fixed order; so its bits follow from its own row and column,
// whatever else is computed with it. `scratch` is aligned to 64 bytes and as long as the function beside says.

typedef enum {
  // An element is one chain over the terms.
  LK_FLOAT32,
  // Operands are rounded to bfloat16, to nearest even, denormals being zero. An element is, for each block of 32 terms,
  // a chain over its even terms from zero and one over its odd terms, added, then added to the element: what the matrix
  // instruction of x86-64 (AMX) computes.
  LK_BFLOAT16_PRODUCTS
} lk_precision;

// What is done to the result's rows while they are in cache: c = f(c), or, where f(x) is given, c = c * f'(x). Only for
// functions whose derivative follows from their value.
typedef struct {
  lk_activation function;
  float parameter;
  const float *value; // f(x) [rows, columns], its rows as far apart as the result's, or NULL
} lk_finish;

// c [rows, columns] = bias + a [rows, inner] b [inner, columns], then finished; bias has `columns` values, or is NULL
// for zeros; finish may be NULL
void lk_product(lk_precision precision, long rows, long inner, long columns, const float *a, long a_row,
                const float *b, long b_row, const float *bias, const lk_finish *finish, float *c, long c_row,
                float *scratch);
// c [rows, columns] = a [rows, inner] b^T, b [columns, inner], then finished
void lk_product_transposed(lk_precision precision, long rows, long inner, long columns, const float *a, long a_row,
                           const float *b, long b_row, const lk_finish *finish, float *c, long c_row, float *scratch);
long lk_product_scratch(lk_precision precision);
// gradient [inputs, units] = tree over the shards of x_s^T dy_s (the tree of lk_tree_sum). The rows of x [rows, inputs]
// and dy [rows, units] are the shards' in turn, `shard_rows` each. `largest` takes the bits of the gradient's largest
// magnitude, of which a NaN has the most; it may be NULL. A gradient that is read after more than the caches hold goes
// past them, if its rows are whole lines.
void lk_weight_gradient(lk_precision precision, long shards, const long *shard_rows, long inputs, long units,
                        const float *x, long x_row, const float *dy, long dy_row, float *gradient, long gradient_row,
                        int goes_past, uint32_t *largest, float *scratch);
// For at most so many shards of at most so many rows.
long lk_weight_gradient_scratch(lk_precision precision, long shards, long shard_rows, long inputs, long units);

// MARK: Dense and BatchNorm

// sums[c] = sum over r of x[r][c] (overwritten): short runs of rows in float32, their sums in Double
void lk_column_sums(long rows, long columns, long row, const float *x, float *sums);
// A mean is the sum of two floats, mean + mean_low: what rounding took from the first is the second. So values that lie
// close together far from 0 are centred as well as others.
//
// mean[c], m2[c] = sum over r of (x - mean)^2 ; two passes, the second of which also corrects the mean (Chan, Golub,
// LeVeque 1983): a constant column has an M2 of exactly 0. rows = 0 gives zeros.
void lk_column_moments(long rows, long columns, long row, const float *x, float *mean, float *mean_low, float *m2);
// (count, mean, M2) of two groups merged (Chan, Golub, LeVeque 1979), elementwise over `columns`:
// n = na + nb; delta = mb - ma; mean = ma + delta * nb / n; m2 = m2a + m2b + delta^2 * na * nb / n.
// If na or nb is 0 the other is taken as it is. Output may alias a or b.
void lk_merge_moments(long columns, double count_a, const float *mean_a, const float *low_a, const float *m2_a,
                      double count_b, const float *mean_b, const float *low_b, const float *m2_b, float *mean,
                      float *mean_low, float *m2);
// inverse[c] = 1 / sqrt(m2[c] / count + epsilon); with count 1, m2 is a variance
void lk_inverse_deviation(long columns, const float *m2, double count, float epsilon, float *inverse);
// y = (x - mean) * inverse * gamma + beta, then finished as a product is; may alias x; finish may be NULL, and mean_low
// for zeros
void lk_batch_norm_forward(long rows, long columns, long row, const float *x, const float *mean,
                           const float *mean_low, const float *inverse, const float *gamma, const float *beta, const lk_finish *finish,
                           float *y);
// gamma_gradient[c] = sum over r of dy * (x - mean) * inverse; beta_gradient[c] = sum over r of dy (both overwritten)
void lk_batch_norm_backward_sums(long rows, long columns, long row, const float *x, const float *mean,
                                 const float *mean_low, const float *inverse, const float *dy, float *gamma_gradient, float *beta_gradient);
// dx = gamma * inverse * (dy - beta_gradient / count - xhat * gamma_gradient / count); may alias dy
void lk_batch_norm_backward_input(long rows, long columns, long row, double count, const float *x, const float *mean,
                                  const float *mean_low, const float *inverse, const float *gamma,
                                  const float *gamma_gradient, const float *beta_gradient, const float *dy, float *dx);
// dx = gamma * inverse * dy; may alias dy
void lk_batch_norm_backward_fixed(long rows, long columns, long row, const float *inverse, const float *gamma,
                                  const float *dy, float *dx);
// running = momentum * running + (1 - momentum) * batch, for mean and for variance = m2 / count; in Double, rounded
// once
void lk_fold_running(long columns, float momentum, double count, const float *mean, const float *mean_low,
                     const float *m2, float *running_mean, float *running_variance);

// MARK: Elementwise

void lk_add(long n, const float *a, const float *b, float *sum);                // may alias
void lk_multiply(long n, const float *a, const float *b, float *product);       // may alias
// y = x * factor, column by column; may alias
void lk_scale_columns(long rows, long columns, long row, const float *x, const float *factor, float *y);
// Bits of the largest magnitude, of which a NaN has the most; 0 for no element.
uint32_t lk_largest_magnitude(long n, const float *x);
// Index of the first element that is not finite, or -1.
long lk_first_non_finite(long n, const float *x);

// MARK: Random numbers (Philox4x32-10; Salmon, Moraes, Dror, Shaw 2011)

// Element e of a stream uses the counter (e / 32 * 8 + e % 8, c1, c2, c3) and of its four words number e % 32 / 8:
// eight counters side by side fill thirty-two elements, so that the loop runs in vector lanes without a shuffle.
// Element e's bits do not depend on n.
typedef struct { uint32_t key[2]; uint32_t counter[3]; } lk_stream;

// One block: out[0..3] = Philox4x32-10(counter, key).
void lk_philox4x32_10(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4]);
void lk_random_words(lk_stream stream, long n, uint32_t *out);
// (word >> 8) * 2^-24, in [0, 1)
void lk_random_uniform(lk_stream stream, long n, float *out);
// N(0, 1) by Box and Muller (1958): of the words w0..w3 of a counter, (w0, w1) and (w2, w3) make pairs;
// u = (w0 + 0.5) * 2^-32, radius = sqrt(-2 ln u), angle = 2 pi w1 2^-32; first radius * cos, then radius * sin.
void lk_random_normal(lk_stream stream, long n, float *out);

// The three random layers write y and the factor by which backward multiplies (see lk_multiply): n units of a row, of
// which the first is its unit `first`, a multiple of 32.
// RReLU (Xu, Wang, Chen, Li 2015): factor = x > 0 ? 1 : U(lower, upper); y = factor * x
void lk_rrelu_row(lk_stream stream, long first, long n, float lower, float upper, const float *x, float *y,
                  float *factor);
// Dropout (Srivastava et al. 2014), inverted: factor = u >= rate ? 1 / (1 - rate) : 0; y = factor * x
void lk_dropout_row(lk_stream stream, long first, long n, float rate, const float *x, float *y, float *factor);
// AlphaDropout (Klambauer et al. 2017): a dropped unit takes -c, c = lambda * alpha = 1.7580993408473766, then
// y = a * that + b with a = ((1 - rate) * (1 + rate * c^2))^-1/2, b = a * rate * c, so that mean 0 and variance 1 stay.
void lk_alpha_dropout_row(lk_stream stream, long first, long n, float rate, const float *x, float *y, float *factor);

// MARK: Losses. Each returns the sum over the rows in Double (not divided by anything) and, if gradient is not NULL,
// writes scale * d(sum)/d(prediction). Targets of classification are class indices stored as floats. Where weights are
// not NULL there is one a row, by which its loss and gradient are multiplied once they are computed: 1 changes no bit.

// -sum_k t_k log softmax(z)_k, t = (1 - smoothing) onehot + smoothing / classes; *correct counts rows whose largest
// logit (the first of equals) is the label's. A label that is no class (not an index below `classes`, a NaN) makes the
// loss of its row a NaN.
double lk_softmax_cross_entropy(long rows, long classes, float smoothing, float scale, const float *logits,
                                const float *labels, const float *weights, float *gradient, long *correct);
// max(z, 0) - z t + log(1 + exp(-|z|)), elementwise over rows * columns; *correct counts elements with
// (z > 0) == (t > 0.5)
double lk_binary_cross_entropy(long rows, long columns, float scale, const float *logits, const float *targets,
                               const float *weights, float *gradient, long *correct);
double lk_squared_error(long rows, long columns, float scale, const float *prediction, const float *target,
                        const float *weights, float *gradient);
double lk_absolute_error(long rows, long columns, float scale, const float *prediction, const float *target,
                         const float *weights, float *gradient);
// |d| <= delta ? d^2 / 2 : delta * (|d| - delta / 2)
double lk_huber(long rows, long columns, float delta, float scale, const float *prediction, const float *target,
                const float *weights, float *gradient);
// Sums of |d| and d^2, d = (prediction - target) * units[column], in Double in the order of the elements: errors of
// standardised targets in the units that they had.
double lk_errors_in_units(long rows, long columns, const double *units, const float *prediction, const float *target,
                          double *squared);
// Row-wise softmax; may alias. Elementwise sigmoid is lk_activation_forward(LK_SIGMOID, …).
void lk_softmax(long rows, long classes, const float *logits, float *probabilities);

// MARK: Reduction and update

// average += rest * (value - average)
void lk_move_average(long n, float rest, const float *value, float *average);

// sum[i] = tree sum over the leaves of base[leaf * stride + i], for i < n: sum[lo, hi) splits at lo + m, m the largest
// power of two strictly below hi - lo. `sum` may alias leaf 0.
void lk_tree_sum(long n, int leaves, long stride, const float *base, float *sum);
// The same where nodes of the tree have been summed before: slot k, at slots + k * stride, holds the sum of a node of
// node_leaves[k] leaves; the nodes follow one another and cover all leaves. `sum` may alias any slot.
void lk_node_sum(long n, int leaves, long stride, const int32_t *node_leaves, const float *slots, float *sum);
// Sum of squares in Double, in an order that depends on n alone.
double lk_sum_of_squares(long n, const float *x);
// g = clamp(g * scale, -limit, limit) + l1 * sign(p) + l2 * p   (limit = INFINITY: no clamping; sign(0) = 0)
void lk_clip_and_regularize(long n, float scale, float limit, float l1, float l2, const float *parameter, float *gradient);

// Optimizers: PyTorch's update rules over n elements. `keep` multiplies the parameter first (decoupled weight decay:
// 1 - learning rate * decay; otherwise 1). Everything that depends on the step alone comes in as a number.
// v = momentum * v + g; p -= rate * (nesterov ? g + momentum * v : v). `velocity` may be NULL if momentum is 0.
void lk_sgd(long n, float keep, float rate, float momentum, int nesterov, const float *gradient, float *velocity, float *parameter);
// s += g^2; p -= rate * g / (sqrt(s) + epsilon)
void lk_adagrad(long n, float keep, float rate, float epsilon, const float *gradient, float *sum, float *parameter);
// `rest` is 1 - decay, `rest1` 1 - b1 and `rest2` 1 - b2, rounded once: 1 - 0.999f would be 5e-5 away from 0.001.
// v = decay * v + rest * g^2; p -= rate * g / (sqrt(v) + epsilon)
void lk_rmsprop(long n, float keep, float rate, float decay, float rest, float epsilon, const float *gradient,
                float *square, float *parameter);
// m = b1 m + rest1 g; v = b2 v + rest2 g^2
// p -= (gradient_rate * g + rate * m) / (sqrt(v) * root_correction + epsilon)
// Adam, AdamW: rate = lr / (1 - b1^t), gradient_rate = 0, root_correction = 1 / sqrt(1 - b2^t). NAdam uses
// gradient_rate.
void lk_adam(long n, float keep, float rate, float gradient_rate, float beta1, float rest1, float beta2, float rest2,
             float root_correction, float epsilon, const float *gradient, float *first, float *second, float *parameter);
// m as above; u = max(b2 * u, |g| + epsilon); p -= rate * m / u, rate = lr / (1 - b1^t)
void lk_adamax(long n, float keep, float rate, float beta1, float rest1, float beta2, float epsilon,
               const float *gradient, float *first, float *norm, float *parameter);
// Every column of a [rows, columns] weight whose norm exceeds `limit` is scaled down to it (Srebro, Shraibman 2005).
// `scratch` has `columns` floats.
void lk_max_norm(long rows, long columns, float limit, float *weight, float *scratch);

// x = x, but that a denormal becomes the zero of its sign.
void lk_flush(long n, float *x);

// MARK: Functions of Double, for what a step or a tensor needs once. See scalar.c.

// Correctly rounded but for one argument in millions, for which the result is the other neighbour. What would be below
// 2^-1021 is 0.
double lk_double_exp(double x);
double lk_double_log(double x);
// x^y for x >= 0; a NaN below
double lk_double_pow(double x, double y);
// For |x| <= 2^20; a NaN beyond
double lk_double_cos(double x);

// MARK: Machine

#ifdef __x86_64__
// Of SSE: round to nearest, every exception masked, denormals as they are: neither flushed where made (bit 15) nor zero
// where read (bit 6), in which processors differ.
enum { LK_SSE_CONTROL = 0x1F80 };
#endif

// The floating-point environment of all arithmetic here, on this thread: IEEE 754's own. Round to nearest, gradual
// underflow, and no exception traps. Returns the caller's, to be given back to lk_leave_environment whole.
uint64_t lk_enter_environment(void);
void lk_leave_environment(uint64_t state);

// Atomics on plain words, because a futex needs an address.
uint32_t lk_load(const uint32_t *word);                    // acquire
void lk_store(uint32_t *word, uint32_t value);             // release
uint32_t lk_fetch_add(uint32_t *word, uint32_t value);     // sequentially consistent; returns the old value
void lk_park(uint32_t *word, uint32_t expected);           // sleeps while *word == expected; may wake early
void lk_unpark_all(uint32_t *word);

// Of `count` further threads as many as the system gives at this moment: they are made, meet, and end.
int lk_granted_threads(int count);
void lk_relax(void);                                       // the pause hint of a spinning loop

#ifdef __cplusplus
}
#endif
#endif
