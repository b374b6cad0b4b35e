import LockstepConfiguration
import LockstepFormats
import LockstepRuns

extension Variation {
  /// Reads `key=a,b,c`; a comma in braces or brackets is part of a value.
  ///
  /// - Throws: `RunError.input` for another form, an empty value or one that stands twice. Keys and values are checked
  ///   by `Comparison.Plan`.
  public init(_ argument: String) throws(RunError) {
    let expected = "expected key=value,value,…, such as activation=relu,elu,selu"
    guard let sign = argument.firstIndex(of: "="), sign > argument.startIndex else {
      throw .input("--vary \(Display.plain(argument)): found no key and values, \(expected)")
    }
    let key = String(argument[..<sign])
    let values = Self.split(argument[argument.index(after: sign)...])
    if values.contains("") { throw .input("--vary \(Display.plain(argument)): found an empty value, \(expected)") }
    if Set(values).count < values.count { throw .input("--vary \(Display.plain(argument)): found a value twice") }
    self.init(key: key, values: values)
  }

  private static func split(_ text: Substring) -> [String] {
    var (parts, depth) = ([""], 0)
    for character in text {
      if "{[".contains(character) { depth += 1 }
      if "}]".contains(character) { depth -= 1 }
      if character == "," && depth <= 0 { parts.append("") } else { parts[parts.count - 1].append(character) }
    }
    return parts.map { $0.split(separator: " ").joined(separator: " ") }
  }
}
