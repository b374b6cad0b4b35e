internal import CKernels

/// Update rules over a slice of the parameters, after PyTorch's. `keep` multiplies the parameter first (1 − learning
/// rate · decay for decoupled weight decay, else 1); what depends on the step alone arrives as a number. A decay and
/// what it leaves for the new value, 1 − decay, are rounded from Double each on its own, as in PyTorch.
package enum UpdateKernels {
  /// g = clamp(g · scale, ±limit) + l1 · sign(p) + l2 · p
  package static func clipAndRegularize(
    gradient: Vector, parameter: Vector, scale: Float, limit: Float, l1: Float, l2: Float
  ) {
    precondition(gradient.count == parameter.count)
    lk_clip_and_regularize(gradient.count, scale, limit, l1, l2, parameter.base, gradient.base)
  }

  /// a += rest · (p − a): the exponential moving average a of p takes the next value.
  package static func moveAverage(_ average: Vector, _ parameter: Vector, rest: Float) {
    precondition(average.count == parameter.count)
    lk_move_average(parameter.count, rest, parameter.base, average.base)
  }

  /// What is below the smallest normal number becomes the zero of its sign.
  package static func flush(_ vector: Vector) { lk_flush(vector.count, vector.base) }

  /// Scales every column of `weight` whose norm exceeds `limit` down to it — Srebro, Shraibman 2005. `scratch` holds
  /// one value a column.
  package static func maxNorm(_ weight: Matrix, limit: Float, scratch: Vector) {
    precondition(scratch.count >= weight.columns)
    lk_max_norm(weight.rows, weight.columns, limit, weight.elements.base, scratch.base)
  }
}
