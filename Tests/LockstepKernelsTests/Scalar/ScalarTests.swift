import Foundation
import LockstepKernels
import TestSupport
import Testing

/// The elementary functions of Double, against correctly rounded values from decimal arithmetic
/// (Tests/Fixtures/make_scalar_functions.py) and, on many more arguments, against the C library.
@Suite struct ScalarTests {
  @Test func correctlyRounded() throws {
    let lines = try String(
      contentsOfFile: "\(PrivatePython.repository)/Tests/Fixtures/scalar-functions.txt", encoding: .utf8
    ).split(separator: "\n")
    #expect(lines.count > 400)
    for line in lines {
      let words = line.split(separator: " ")
      let numbers = try words.dropFirst().map { try #require(Double($0)) }
      let found =
        switch words[0] {
        case "exp": Scalar.exp(numbers[0])
        case "log": Scalar.log(numbers[0])
        case "pow": Scalar.pow(numbers[0], numbers[1])
        default: Scalar.cos(numbers[0])
        }
      #expect(found == numbers.last, "\(line)")
    }
  }

  /// The library is within a unit of the last place, and the nearest in all but a few thousandths.
  @Test func nearTheLibrary() {
    var generator = SeededGenerator(seed: 1)
    func expectNear(_ name: String, _ own: (Double) -> Double, _ library: (Double) -> Double, _ x: [Double]) {
      var others = 0
      for x in x {
        let (found, expected) = (own(x), library(x))
        guard found != expected else { continue }
        others += 1
        #expect(abs(found - expected) <= expected.ulp, "\(name)(\(x))")
      }
      #expect(others < x.count / 50, "\(name): \(others) of \(x.count) differ")
    }
    let unit = generator.uniform(20_000, in: 0...1).map(Double.init)
    expectNear("exp", Scalar.exp, exp, unit.map { 1400 * $0 - 700 })
    expectNear("log", Scalar.log, log, unit.filter { $0 > 0 }.flatMap { [$0, 1 / $0, 1 + $0 * 1e-3, $0 * 1e-300] })
    expectNear("cos", Scalar.cos, cos, unit.flatMap { [Double.pi * $0, 1000 * $0, -1e6 * $0] })
    for base in [0.9, 0.999, 1 - 1e-9, 0.3, 7] {
      expectNear("\(base) to the", { Scalar.pow(base, $0) }, { pow(base, $0) }, unit.map { 300 * $0 })
    }
  }

  @Test func ends() {
    let infinity = Double.infinity
    #expect(
      [Scalar.exp(710), Scalar.exp(infinity), Scalar.exp(-800), Scalar.exp(-infinity)] == [infinity, infinity, 0, 0])
    #expect([Scalar.log(0), Scalar.log(infinity), Scalar.log(1)] == [-infinity, infinity, 0])
    #expect([Scalar.pow(0, 2), Scalar.pow(0, -1), Scalar.pow(0, 0), Scalar.pow(1, .nan)] == [0, infinity, 1, 1])
    #expect(
      [Scalar.pow(0.9, 1e300), Scalar.pow(0.9, -1e300), Scalar.pow(2, 1024), Scalar.pow(2, -1024)] == [
        0, infinity, infinity, 0,
      ])
    #expect([Scalar.pow(infinity, 1), Scalar.pow(infinity, -1), Scalar.pow(2, 1023)] == [infinity, 0, 0x1p1023])
    #expect([Scalar.cos(0), Scalar.cos(.pi), Scalar.cos(-.pi)] == [1, -1, -1])
    for value in [
      Scalar.exp(.nan), Scalar.log(.nan), Scalar.log(-1), Scalar.pow(-1, 2), Scalar.pow(.nan, 1), Scalar.pow(2, .nan),
      Scalar.cos(.nan), Scalar.cos(0x1p21),
    ] {
      #expect(value.isNaN)
    }
  }
}
