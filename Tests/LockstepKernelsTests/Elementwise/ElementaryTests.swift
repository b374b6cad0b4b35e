import Foundation
import KernelProbes
import LockstepKernels
import Synchronization
import Testing

/// The elementary functions of the kernels over the whole of float32, ends included, against the C library in Double.
@Suite struct ElementaryTests {
  struct Function: Sendable, CustomTestStringConvertible {
    let name: String
    let probe: lk_probe_function
    let range: ClosedRange<Float>
    /// Largest relative error, and beside it what is no normal number of float32.
    let relative: @Sendable (Double) -> Double
    let absolute: Double
    let exact: @Sendable (Double) -> Double
    var testDescription: String { name }

    init(
      _ name: String, _ probe: lk_probe_function, _ range: ClosedRange<Float>, relative: Double, growing: Double = 0,
      absolute: Double = 0, exact: @escaping @Sendable (Double) -> Double
    ) {
      (self.name, self.probe, self.range, self.absolute, self.exact) = (name, probe, range, absolute, exact)
      self.relative = { relative + growing * min(abs($0), 1e3) * min(abs($0), 1e3) }
    }
  }

  static let everything = -Float.greatestFiniteMagnitude...Float.greatestFiniteMagnitude
  static let positive: ClosedRange<Float> = 0...Float.greatestFiniteMagnitude

  static let functions = [
    Function("exp", LK_PROBE_EXP, everything, relative: 1.5e-7) { exp(min($0, 87)) },
    Function("expm1", LK_PROBE_EXPM1, everything, relative: 2e-7) { expm1(min($0, 87)) },
    Function("log1p", LK_PROBE_LOG1P, positive, relative: 2e-7) { log1p($0) },
    Function("log1p of [0, 1]", LK_PROBE_LOG1P_UNIT, 0...1, relative: 2e-7) { log1p($0) },
    Function("sigmoid", LK_PROBE_SIGMOID, everything, relative: 2.5e-7) { 1 / (1 + exp(min(-$0, 87))) },
    Function("tanh", LK_PROBE_TANH, everything, relative: 3e-7) { tanh($0) },
    // What rounding x² / 2 takes from an exponential grows with it.
    Function("normal density", LK_PROBE_NORMAL_DENSITY, everything, relative: 3e-7, growing: 1e-7) {
      exp(-0.5 * $0 * $0) / (2 * Double.pi).squareRoot()
    },
    Function("Φ", LK_PROBE_NORMAL_DISTRIBUTION, everything, relative: 4e-7, growing: 1e-7) {
      0.5 * erfc(-$0 / 2.0.squareRoot())
    },
  ]

  private func values(_ probe: lk_probe_function, _ x: [Float]) -> [Float] {
    var y = [Float](repeating: .nan, count: x.count)
    withFloatingPointEnvironment { lk_probe(probe, x.count, x, &y) }
    return y
  }

  /// Every 4,099th float, and each end with its neighbours.
  @Test(arguments: functions) func wholeRange(_ function: Function) {
    var x: [Float] = stride(from: 0, to: Int(Float.infinity.bitPattern), by: 4099).flatMap {
      [Float(bitPattern: UInt32($0)), -Float(bitPattern: UInt32($0))]
    }
    for end in [0, .leastNormalMagnitude, 1, 14, 87, 88, 88.72284, .greatestFiniteMagnitude] as [Float] {
      x += [end, end.nextUp, end.nextDown].flatMap { [$0, -$0] }
    }
    // Their results may be off by a denormal.
    x = x.filter { function.range.contains($0) && !$0.isSubnormal }
    let smallest = 2 * Double(Float.leastNormalMagnitude)
    var worst = (excess: 0.0, at: Float(0), is: Float(0), expected: 0.0)
    for (x, y) in zip(x, values(function.probe, x)) {
      let expected = function.exact(Double(x))
      let error = abs(Double(y) - expected)
      let excess = error / (function.relative(Double(x)) * abs(expected) + function.absolute + smallest)
      if !(excess <= worst.excess) { worst = (excess, x, y, expected) }
    }
    #expect(worst.excess <= 1, "\(function.name)(\(worst.at)) is \(worst.is), expected \(worst.expected)")
  }

  @Test(arguments: functions) func notANumberStaysOne(_ function: Function) {
    let results = values(function.probe, [Float](repeating: .nan, count: 19))
    #expect(results.allSatisfy { $0.isNaN })
  }

  /// Of every normal float, on two threads: within a unit of the last place, and never below 0.
  @Test func quickRootOfEveryFloat() {
    let wrong = Atomic(0)
    let start = Int(Float.leastNormalMagnitude.bitPattern)
    let count = Int(Float.infinity.bitPattern) - start
    DispatchQueue.concurrentPerform(iterations: 64) { part in
      let (first, next) = (start + part * count / 64, start + (part + 1) * count / 64)
      let found = withFloatingPointEnvironment { lk_probe_wrong_roots(UInt32(first), next - first) }
      wrong.add(found, ordering: .relaxed)
    }
    #expect(wrong.load(ordering: .relaxed) == 0)
  }

  @Test func quickRootAtItsEnds() {
    let x: [Float] = [0, -0.0, .leastNormalMagnitude, 1, 4, .infinity, .nan]
    let roots = values(LK_PROBE_QUICK_ROOT, x)
    #expect(roots[..<5] == [0, 0, 0x1p-63, 1, 2])
    let denormals = (0..<23).map { Float(bitPattern: 0x7F_FFFF >> $0) }
    for (x, root) in zip(denormals, values(LK_PROBE_QUICK_ROOT, denormals)) {
      #expect(root >= 0 && root <= x.squareRoot().nextUp, "of \(x)")
    }
    #expect(roots[5] == Float.greatestFiniteMagnitude.squareRoot() && roots[6].isNaN)
  }
}
