internal import CKernels

/// Elementary functions of Double on the way of training bits: learning rates, the optimizers' corrections, quantiles
/// of initial weights, log-odds that a run watches.
///
/// They are Lockstep's own, so their bits depend on no library and no processor: correctly rounded but for one argument
/// in millions. `tools/house` holds that nothing on that way calls the C library's.
package enum Scalar {
  /// eˣ; 0 where that is below 2⁻¹⁰²¹.
  package static func exp(_ x: Double) -> Double { lk_double_exp(x) }

  /// ln x; a NaN below 0.
  package static func log(_ x: Double) -> Double { lk_double_log(x) }

  /// xʸ for x ≥ 0, a NaN below; 0 where that is below 2⁻¹⁰²¹.
  package static func pow(_ x: Double, _ y: Double) -> Double { lk_double_pow(x, y) }

  /// cos x for |x| ≤ 2²⁰, a NaN beyond.
  package static func cos(_ x: Double) -> Double { lk_double_cos(x) }
}
