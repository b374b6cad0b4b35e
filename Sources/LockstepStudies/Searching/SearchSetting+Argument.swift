import LockstepConfiguration
import LockstepFormats
import LockstepRuns

extension Search.Setting {
  /// Reads `key=low..high`, `key=log:low..high` or, as `Variation` does, `key=a,b,c`.
  ///
  /// - Throws: `RunError.input` for another form, ends that are no numbers or in the wrong order, a logarithm of what
  ///   has none, an empty value or one that stands twice. Keys and values are checked by `Search.Plan`.
  public init(_ argument: String) throws(RunError) {
    let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2, parts[0] != "", let range = Self.range(parts[1]) else {
      let variation = try Variation(argument)
      self.init(key: variation.key, domain: .choices(variation.values))
      return
    }
    let place = "--vary \(Display.plain(argument))"
    let expected = "expected two numbers, low..high or log:low..high, such as log:1e-4..1e-1"
    guard range.ends.count == 2 else { throw .input("\(place): found no range, \(expected)") }
    var ends: [Double] = []
    for end in range.ends {
      guard let number = Self.number(end) else {
        throw .input(
          "\(place): found \(end == "" ? "nothing" : Display.plain(end)) at an end of the range, \(expected)")
      }
      ends.append(number)
    }
    let words = "a range from \(Format.exact(ends[0])) to \(Format.exact(ends[1]))"
    guard ends[0] < ends[1] else { throw .input("\(place): found \(words), expected the smaller end first") }
    guard (ends[1] - ends[0]).isFinite else { throw .input("\(place): found \(words), expected ends less far apart") }
    if range.isLogarithmic, ends[0] <= 0 {
      throw .input("\(place): found the end \(Format.exact(ends[0])), expected one above 0, which has a logarithm")
    }
    let domain = ends[0]...ends[1]
    self.init(key: String(parts[0]), domain: range.isLogarithmic ? .logUniform(domain) : .uniform(domain))
  }

  /// What stands between the dots of a range; nil where it is none, but a list of values, a path perhaps.
  private static func range(_ text: Substring) -> (ends: [String], isLogarithmic: Bool)? {
    let isLogarithmic = text.hasPrefix("log:")
    guard isLogarithmic || text.contains("..") && !text.contains(where: { "/,{[\"'".contains($0) }) else { return nil }
    let range = isLogarithmic ? text.dropFirst(4) : text
    return (
      range.split(separator: "..", maxSplits: 1, omittingEmptySubsequences: false).map(String.init), isLogarithmic
    )
  }

  /// As configurations write one.
  private static func number(_ text: String) -> Double? {
    guard text.first.map({ "+-0123456789".contains($0) }) == true, text.allSatisfy({ "+-.0123456789eE".contains($0) })
    else { return nil }
    return Double(text).flatMap { $0.isFinite ? $0 : nil }
  }
}
