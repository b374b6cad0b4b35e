import Foundation
import LockstepRuns
import Testing

@testable import LockstepStudies

/// Where the values of trials come from, and how they are drawn.
@Suite struct SearchSettingTests {
  private func values(_ setting: Search.Setting, _ count: Int, seed: UInt64 = 1) -> [String] {
    (1...count).map { setting.value(at: Search.Setting.share(ofTrial: $0, key: setting.key, seed: seed)) }
  }

  private func whole(_ argument: String) throws -> Search.Setting {
    var setting = try Search.Setting(argument)
    setting.isWhole = true
    return setting
  }

  @Test func readsRangesAndLists() throws {
    #expect(try Search.Setting("a.b=0.1..0.5").domain == .uniform(0.1...0.5))
    #expect(try Search.Setting("a.b=-2..3").domain == .uniform(-2...3))
    #expect(try Search.Setting("a.b=log:1e-4..1e-1").domain == .logUniform(1e-4...1e-1))
    #expect(try Search.Setting("a.b=1e-4..+1E0").domain == .uniform(1e-4...1))
    #expect(try Search.Setting("activation=relu, {elu: {alpha: 2}}").domain == .choices(["relu", "{elu: {alpha: 2}}"]))
    #expect(try Search.Setting("data.train.csv.path=../a.csv").domain == .choices(["../a.csv"]))
    #expect(try Search.Setting("a=1..2,3").domain == .choices(["1..2", "3"]))
    #expect(try Search.Setting("a.b=log:1e-4..1e-1").words == "log:0.0001..0.1")
  }

  @Test(
    arguments: [
      ("lr=1..1", "--vary lr=1..1: found a range from 1 to 1, expected the smaller end first"),
      ("lr=2..1", "found a range from 2 to 1"), ("lr=log:1e-1..1e-4", "found a range from 0.1 to 0.0001"),
      ("lr=log:0..1", "--vary lr=log:0..1: found the end 0, expected one above 0, which has a logarithm"),
      ("lr=log:-1..1", "found the end -1"), ("lr=a..b", "found a at an end of the range, expected two numbers"),
      ("lr=1..", "found nothing at an end"), ("lr=..1", "found nothing at an end"), ("lr=1...2", "found .2 at an end"),
      ("lr=nan..1", "found nan at an end"), ("lr=1..inf", "found inf at an end"),
      ("lr=1..1e999", "found 1e999 at an end"),
      ("lr=-1e308..1e308", "expected ends less far apart"), ("lr=0x1..0x2", "found 0x1 at an end"),
      ("lr=log:1", "found no range, expected two numbers, low..high or log:low..high"), ("lr=log:", "found no range"),
      ("lr=log:1,2", "found no range"), ("lr", "found no key and values"), ("=1..2", "found no key and values"),
      ("lr=", "found an empty value"), ("lr=1,1", "found a value twice"),
    ])
  func badRanges(argument: String, expected: String) throws {
    let error = try #require(throws: RunError.self) { try Search.Setting(argument) }
    guard case .input(let text) = error else { throw error }
    #expect(text.contains(expected), "\(text)")
  }

  /// Kolmogorov's distance of a sample from the uniform distribution on [0, 1]. Above 1.63 / √n it has a probability
  /// of 1 % (Massey 1951, "The Kolmogorov–Smirnov test for goodness of fit").
  private func distance(_ sample: [Double]) -> Double {
    let (sorted, count) = (sample.sorted(), Double(sample.count))
    return sorted.enumerated().map { index, value in
      max(Double(index + 1) / count - value, value - Double(index) / count)
    }.max() ?? 1
  }

  @Test(arguments: [1, 2, 3] as [UInt64]) func logarithmsAreUniform(seed: UInt64) throws {
    let setting = try Search.Setting("optimizer.adam.learning_rate=log:1e-4..1e-1")
    let shares = values(setting, 2000, seed: seed).compactMap { Double($0).map { (log10($0) + 4) / 3 } }
    #expect(shares.count == 2000 && shares.allSatisfy { (0...1).contains($0) })
    #expect(distance(shares) < 1.63 / 2000.0.squareRoot())
    // The test would tell: numbers that are uniform themselves are far from it.
    #expect(distance(shares.map { pow(10, 3 * $0 - 3) }) > 0.3)
  }

  @Test(arguments: ["-3..5", "0..1e-9", "1e6..1e6+1"]) func numbersAreUniform(range: String) throws {
    let setting = try Search.Setting("a=\(range.replacing("1e6+1", with: "1000001"))")
    guard case .uniform(let domain) = setting.domain else { return }
    let length = domain.upperBound - domain.lowerBound
    let shares = values(setting, 2000).compactMap { Double($0).map { ($0 - domain.lowerBound) / length } }
    #expect(shares.count == 2000 && shares.allSatisfy { (0...1).contains($0) })
    #expect(distance(shares) < 1.63 / 2000.0.squareRoot())
  }

  /// Every whole number, the ends too, as often as any: χ² of 8 degrees of freedom is below 20.1 in 99 of 100 samples.
  @Test func wholeNumbersAreEquallyLikely() throws {
    let drawn = values(try whole("a=8..16"), 9000)
    let counts = Dictionary(grouping: drawn, by: { $0 }).mapValues(\.count)
    #expect(Set(counts.keys) == Set((8...16).map { "\($0)" }))
    #expect(counts.values.reduce(0) { $0 + pow(Double($1) - 1000, 2) / 1000 } < 20.1)
    let logs = Set(values(try whole("a=log:1..4"), 500))
    #expect(logs == ["1", "2", "3", "4"])
    let listed = Dictionary(grouping: values(try Search.Setting("a=x,y,z"), 3000), by: { $0 }).mapValues(\.count)
    // χ² of 2 degrees of freedom.
    #expect(listed.count == 3 && listed.values.reduce(0) { $0 + pow(Double($1) - 1000, 2) / 1000 } < 9.2)
  }

  /// Two keys, two trials and two seeds have nothing to do with each other.
  @Test func drawsAreIndependent() throws {
    func shares(_ key: String, seed: UInt64 = 1) throws -> [Double] {
      values(try Search.Setting("\(key)=0..1"), 2000, seed: seed).compactMap { Double($0) }
    }
    func correlation(_ a: [Double], _ b: [Double]) -> Double {
      12 * zip(a, b).reduce(0) { $0 + ($1.0 - 0.5) * ($1.1 - 0.5) } / Double(a.count)
    }
    let one = try shares("one")
    // Of 2000 pairs, 0.058 is 2.6 deviations.
    #expect(abs(correlation(one, try shares("two"))) < 0.058)
    #expect(abs(correlation(one, try shares("one", seed: 2))) < 0.058)
    #expect(abs(correlation(one, Array(one.dropFirst()) + [one[0]])) < 0.058)
    #expect(correlation(one, one) > 0.9)
  }

  /// As a person would write them.
  @Test func numbersAreShort() throws {
    for text in values(try Search.Setting("a=log:1e-4..1e-1"), 200) {
      #expect(text.drop { "0.".contains($0) }.count <= 4 || text.contains("e"), "\(text)")
    }
    for text in values(try Search.Setting("a=0.5..0.9"), 200) { #expect(text.count <= 6, "\(text)") }
    for text in values(try Search.Setting("a=1000..9000"), 200) { #expect(text.count <= 4, "\(text)") }
    // Near 1, four digits would be few.
    #expect(Set(values(try Search.Setting("a=0.99..0.999"), 200)).count > 150)
    // Small and large ones are numbers yet.
    for range in ["a=1e-300..1e-299", "a=log:1e-308..1e300", "a=1e15..1e300", "a=-1e18..1e18"] {
      #expect(values(try Search.Setting(range), 50).allSatisfy { Double($0)?.isFinite == true }, "\(range)")
    }
    #expect(values(try whole("a=0..18000000000000000000"), 50).allSatisfy { Double($0) != nil })
  }

  /// Made by Philox4x32-10 and SHA-256 of Python, the former after the paper: the first 53 bits of block 0 at the
  /// counter of the trial, under the key that purpose 13 and the hash of the setting's key have.
  @Test func drawsAreThoseOfAnotherProgram() throws {
    let setting = try Search.Setting("optimizer.adam.learning_rate=log:1e-4..1e-1")
    #expect(values(setting, 4) == ["0.0001516", "0.002392", "0.05476", "0.002419"])
  }
}
