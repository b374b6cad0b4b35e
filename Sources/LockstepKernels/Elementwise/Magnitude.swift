internal import CKernels

/// The largest magnitude among some numbers, by which it is told in one comparison that sums of them are finite.
package struct Magnitude: Sendable, Equatable, BitwiseCopyable {
  /// Of a float32 without its sign, of which a NaN has the most.
  private var bits: UInt32

  init(bits: UInt32) { self.bits = bits }

  /// That of no number.
  package init() { bits = 0 }

  /// Not a number where any of the numbers is not.
  package var value: Double { Double(Float(bitPattern: bits)) }

  package mutating func note(_ other: Magnitude) { bits = max(bits, other.bits) }
}

extension Vector {
  package var largestMagnitude: Magnitude { Magnitude(bits: lk_largest_magnitude(count, base)) }
}
