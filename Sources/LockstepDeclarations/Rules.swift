/// Which integers a key takes.
package struct IntegerRule: Sendable {
  package let range: ClosedRange<Int>

  package init(_ range: ClosedRange<Int>) { self.range = range }

  package var text: String {
    "an integer from \(range.lowerBound) to \(range.upperBound)"
  }

  /// Units, features, rows: more does not fit any machine, and products of three of these fit 64 bits where they
  /// are checked.
  package static let size = IntegerRule(1...1 << 24)
  package static let classes = IntegerRule(2...1 << 24)
  /// Steps, epochs, intervals.
  package static let count = IntegerRule(1...1_000_000_000_000_000)
  package static let countOrZero = IntegerRule(0...1_000_000_000_000_000)
  package static let threads = IntegerRule(1...4096)
  package static let kept = IntegerRule(1...1_000_000)
  /// Rows and columns of what passes over an image.
  package static let side = IntegerRule(1...4096)
  package static let times = IntegerRule(1...10_000)
}

/// Which numbers a key takes.
package struct NumberRule: Sendable {
  package enum Bound: Sendable {
    case above(Double)
    case atLeast(Double)
    case below(Double)
    case atMost(Double)

    func holds(_ number: Double) -> Bool {
      switch self {
      case .above(let bound): number > bound
      case .atLeast(let bound): number >= bound
      case .below(let bound): number < bound
      case .atMost(let bound): number <= bound
      }
    }
  }

  package let text: String
  package let bounds: [Bound]
  /// What must hold of it in float32 as well.
  private let single: @Sendable (Float) -> Bool

  package init(_ text: String, _ bounds: Bound..., single: @escaping @Sendable (Float) -> Bool = { _ in true }) {
    (self.text, self.bounds, self.single) = (text, bounds, single)
  }

  package func holds(_ number: Double) -> Bool { bounds.allSatisfy { $0.holds(number) } && single(Float(number)) }

  package static let finite = NumberRule("a finite number")
  package static let positive = NumberRule("a number above 0", .above(0))
  /// Divisors and bounds of the kernels, which compute in float32: there 1e-60 is 0, and 1e60 infinite.
  package static let positiveSingle = NumberRule("a number above 0", .above(0), single: { $0.isNormal })
  package static let nonNegative = NumberRule("a number of at least 0", .atLeast(0))
  package static let atLeastOne = NumberRule("a number of at least 1", .atLeast(1))
  /// Probabilities of dropping, momenta, decays: 1 itself, in the float32 that they are used as, would stop everything.
  package static let belowOne = NumberRule("a number from 0 to below 1", .atLeast(0), .below(1)) { $0 < 1 }
  package static let fraction = NumberRule("a number from 0 to 1", .atLeast(0), .atMost(1))
  package static let share = NumberRule("a number above 0, at most 1", .above(0), .atMost(1))
  package static let inside = NumberRule("a number between 0 and 1", .above(0), .below(1))
}

/// What a program may call a metric, an activation or a loss of its own.
package enum NameRule {
  package static let text = "lower-case letters, digits and _ that begin with a letter, at most 100"

  package static func holds(_ name: String) -> Bool {
    guard let first = name.utf8.first, (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(first) else { return false }
    return name.utf8.count <= 100 && name.utf8.allSatisfy { "abcdefghijklmnopqrstuvwxyz0123456789_".utf8.contains($0) }
  }
}
