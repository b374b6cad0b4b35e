import LockstepTraining

/// Values of a configuration as a page names them.
enum Words {
  /// `{leaky_relu: {negative_slope: 0.2}}` is `leaky_relu 0.2`, and a normal distribution N(0, 1).
  static func short(_ value: String) -> String {
    if value.hasPrefix("{normal") { return "N(0, 1)" }
    let words = value.split { "{}: ,".contains($0) }.map(String.init)
    return words.count == 3 ? "\(words[0]) \(words[2])" : words.first ?? value
  }

  /// As a part of a file's name.
  static func file(_ value: String) -> String { value.map { $0.isLetter || $0.isNumber ? String($0) : "-" }.joined() }
}
