/// Names that have too little room, shortened so that those which differ still do.
enum ShortNames {
  /// The names with at most `most` characters each, or a few more where they would be the same: first in their middle,
  /// since both ends of a path say what it is, then without what all begin or end with.
  static func of(_ names: [String], most: Int) -> [String] {
    let most = max(3, most)
    let kinds = Set(names).count
    if names.allSatisfy({ $0.count <= most }) { return names }
    let stripped = withoutShared(names)
    let longest = max(most, names.map(\.count).max() ?? 0)
    for length in most...longest {
      for candidates in [names, stripped] {
        let short = candidates.map { middle($0, length) }
        if Set(short).count == kinds { return short }
      }
    }
    return names
  }

  /// `repeat0.13.residual0.dense0` → `repeat0.13…dense0`: cut at a dot where one is near.
  private static func middle(_ name: String, _ most: Int) -> String {
    guard name.count > most else { return name }
    let start = name.prefix((most - 1 + 1) / 2 + most / 8)
    let end = name.suffix(most - 1 - start.count)
    let cut = start.lastIndex(of: ".").flatMap { start[..<$0].count * 2 > start.count ? start[..<$0] : nil } ?? start
    return "\(cut)…\(end)"
  }

  /// What the names have in common at their beginning and their end gives way to a mark.
  private static func withoutShared(_ names: [String]) -> [String] {
    guard let first = names.first, names.count > 1 else { return names }
    let start = names.reduce(first.count) { length, name in min(length, zip(first, name).prefix { $0 == $1 }.count) }
    let end = names.reduce(first.count) { length, name in
      min(length, name.count - start, zip(first.reversed(), name.reversed()).prefix { $0 == $1 }.count)
    }
    return names.map { name in
      "\(start > 1 ? "…" : String(name.prefix(start)))\(name.dropFirst(start).dropLast(end))\(end > 1 ? "…" : String(name.suffix(end)))"
    }
  }
}
