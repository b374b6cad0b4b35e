/// What keys of a configuration are called where they need only be told apart.
package enum KeyTitle {
  /// Each key's last two words, `adam.learning_rate`, or as many as that takes. A number does not stand first: it says
  /// which of what is before it, `layers.0.dense`.
  package static func of(_ keys: [String]) -> [String] {
    let keys = keys.map { $0.split(separator: ".") }
    return keys.map { key in
      let counts = (2...max(2, key.count)).filter { Int(key.suffix($0).first ?? "") == nil }
      let count = counts.first { count in keys.count { $0.suffix(count) == key.suffix(count) } == 1 }
      return key.suffix(count ?? key.count).joined(separator: ".")
    }
  }
}
