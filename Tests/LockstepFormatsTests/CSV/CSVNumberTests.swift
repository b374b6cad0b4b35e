import Foundation
import TestSupport
import Testing

@testable import LockstepFormats

@Suite("Numbers in tables of text")
struct CSVNumberTests {
  private func parse(_ text: String) -> Float? {
    let bytes = Array(text.utf8)
    return CSVNumber.parse(bytes.span, 0..<bytes.count)
  }

  /// The oracle is the C library.
  private func expectNearest(_ text: String, location: SourceLocation = #_sourceLocation) {
    let expected = strtof(text, nil)
    #expect(
      parse(text)?.bitPattern == expected.bitPattern, "\(text): \(parse(text) ?? .nan), expected \(expected)",
      sourceLocation: location)
  }

  @Test func randomNumbersAreTheNearest() {
    var generator = SeededGenerator(seed: 1)
    for _ in 0..<200_000 {
      let bits = UInt32(truncatingIfNeeded: generator.next())
      let value = Float(bitPattern: bits)
      guard value.isFinite else { continue }
      expectNearest("\(value)")
      expectNearest("\(Double(value) * 1.0000001)")
    }
  }

  @Test func digitsOfAnyLengthAreTheNearest() {
    var generator = SeededGenerator(seed: 2)
    for _ in 0..<100_000 {
      let digits = (0..<1 + generator.next() % 30).map { _ in "\(generator.next() % 10)" }.joined()
      let point = Int(generator.next() % UInt64(digits.count + 1))
      let at = digits.index(digits.startIndex, offsetBy: point)
      let exponent = Int(generator.next() % 90) - 45
      expectNearest("\(digits[..<at]).\(digits[at...])" + (generator.next() % 2 == 0 ? "" : "e\(exponent)"))
    }
  }

  /// The middle between two floats and its neighbours: where rounding twice goes wrong.
  @Test func numbersBesideTheMiddleAreTheNearest() {
    var generator = SeededGenerator(seed: 3)
    for _ in 0..<50_000 {
      let below = Float(bitPattern: UInt32(truncatingIfNeeded: generator.next() % 0x7F00_0000))
      guard below.isNormal, below < 1e30 else { continue }
      let middle = (Double(below) + Double(below.nextUp)) / 2
      for value in [middle, middle.nextUp, middle.nextDown] {
        // 17 digits tell a Double from its neighbours, 25 the middle itself in the range of small exponents.
        expectNearest(String(format: "%.17g", value))
        expectNearest(String(format: "%.30g", value))
      }
    }
  }

  @Test(arguments: [
    "0", "-0", "+7", ".5", "5.", "1e3", "1E-3", "1e+3", "007", "3.4028235e38", "1e-45", "1e-46", "1.1754944e-38",
    "16777217",
    "16777219", "9007199254740993", "123456789012345678901234567890",
  ])
  func formsOfNumbers(text: String) { expectNearest(text) }

  @Test(arguments: ["1e39", "-1e400", "1e999999999999"])
  func tooLargeIsInfinite(text: String) { #expect(parse(text)?.isInfinite == true) }

  @Test(arguments: [
    "", "-", ".", "e5", "1e", "1e+", "1.2.3", "0x10", "1,5", "1 2", "abc", "1a", "--1", "nan", "inf", "1_000",
  ])
  func whatIsNoNumberIsNone(text: String) { #expect(parse(text) == nil) }
}
