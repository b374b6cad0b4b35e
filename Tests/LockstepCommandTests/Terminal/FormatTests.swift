import LockstepConfiguration
import LockstepFormats
import Testing

@testable import LockstepCommand

@Suite("Numbers as people read them")
struct FormatTests {
  @Test(arguments: [
    (0.0, "0"), (-0.0, "0"), (1, "1.000"), (-1, "−1.000"), (12.3456, "12.35"), (1234.5, "1234"),
    (123_456_789, "123456789"),
    (0.000123456, "0.0001235"), (0.0000123456, "1.235e-5"), (1.5e9, "1.500e9"), (-2.5e20, "−2.500e20"),
    (9.9996, "10.00"),
    (0.99996, "1.000"), (999_999_999.9, "1.000e9"), (0.000099999, "0.0001000"), (.nan, "nan"), (.infinity, "inf"),
    (-.infinity, "−inf"),
    (Double.leastNonzeroMagnitude, "4.941e-324"), (Double.greatestFiniteMagnitude, "1.798e308"),
  ])
  func significant(value: Double, text: String) { #expect(Format.significant(value) == text) }

  /// What is read has a minus sign, what programs read a hyphen, an exponent always one.
  @Test func belowZero() {
    #expect(Format.significant(-0.0051, 2) == "−0.0051" && Format.written(-0.0051, 2) == "-0.0051")
    #expect(Format.significant(-2.5e-7, 2) == "−2.5e-7" && Format.written(-2.5e-7, 2) == "-2.5e-7")
    #expect([-0.5, 0, 0.5].map { Format.signed($0, 2) } == ["−0.50", "0", "+0.50"])
    #expect(Format.exact(-0.5) == "-0.5" && Format.minus("-0.5") == "−0.5" && Format.minus("0.5") == "0.5")
    #expect(Format.rounded(-1.25049, 3) == -1.25 && Format.rounded(-0.0004, 3) == 0)
    #expect(Format.percent(-0.05) == "−5.0 %")
  }

  @Test func significantDigits() {
    #expect(Format.significant(3.14159, 1) == "3")
    #expect(Format.significant(3.14159, 6) == "3.14159")
    #expect(Format.significant(96, 1) == "96")
    #expect(Format.significant(0.5, 3) == "0.500")
  }

  @Test(arguments: [
    (1.005, 2, "1.00"), (2.5, 0, "2"), (-0.04, 1, "0.0"), (-0.06, 1, "−0.1"), (1e20, 1, "100000000000000000000.0"),
    (.nan, 2, "nan"),
    (1234.5678, 3, "1234.568"),
  ])
  func fixed(value: Double, decimals: Int, text: String) { #expect(Format.fixed(value, decimals) == text) }

  @Test(arguments: [
    (0, "0"), (7, "7"), (999, "999"), (1000, "1 000"), (-1000, "−1 000"), (1_234_567, "1 234 567"), (-999, "−999"),
    (Int.max, "9 223 372 036 854 775 807"), (Int.min, "−9 223 372 036 854 775 808"),
  ])
  func count(value: Int, text: String) { #expect(Format.count(value) == text) }

  @Test func countOfRates() {
    #expect(Format.count(1234.5) == "1 235")
    #expect(Format.count(1e300) == "1.000e300")
    #expect(Format.count(Double.nan) == "nan")
    #expect(Format.count(-Double.infinity) == "−inf")
  }

  @Test(arguments: [
    (0, "0 B"), (1023, "1023 B"), (1024, "1.00 KiB"), (1536, "1.50 KiB"), (1_048_575, "1.00 MiB"),
    (1 << 20, "1.00 MiB"),
    (123 << 20, "123 MiB"), (5 << 40, "5.00 TiB"), (Int.max, "8192 PiB"), (-3, "−3 B"),
  ])
  func bytes(value: Int, text: String) { #expect(Format.bytes(value) == text) }

  @Test(arguments: [
    (0.0, "0.0 s"), (0.04, "0.0 s"), (9.94, "9.9 s"), (9.96, "10 s"), (59.4, "59 s"), (59.6, "1:00"), (200, "3:20"),
    (3599.6, "1:00:00"),
    (7400, "2:03:20"), (86_399.9, "1 d 00:00"), (353_000, "4 d 02:03"), (-1, "?"), (.nan, "?"), (.infinity, "?"),
    (1e300, "?"),
  ])
  func duration(value: Double, text: String) { #expect(Format.duration(value) == text) }

  @Test func percentAndPlural() {
    #expect(Format.percent(0.12345) == "12.3 %")
    #expect(Format.percent(.nan) == "nan %")
    #expect([0, 1, 2].map { Format.plural($0, "step") } == ["steps", "step", "steps"])
  }

  @Test func columnsStandUnderTheirHeaders() {
    let text = Table.text(["name", "count"], [["a", "1"], ["longer", "12345678"]], right: [1])
    #expect(text == "name       count\n──────  ────────\na              1\nlonger  12345678")
    #expect(Table.text(["a", "b"], []) == "a  b\n─  ─")
    #expect(Table.pairs([("a", "1"), ("long", "2")]) == "a     1\nlong  2")
    #expect(Table.pairs([]) == "")
  }
}
