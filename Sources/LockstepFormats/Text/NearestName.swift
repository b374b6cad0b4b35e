/// The valid name that a misspelt one was most likely meant to be.
package enum NearestName {
  /// - Returns: the first of `names` with the least distance to `name`, if that is at most a third of the longer one's
  ///   length.
  package static func of(_ name: String, among names: [String]) -> String? {
    // Keys are short: a pasted paragraph gets no suggestion, and costs no quadratic time.
    guard name.utf8.count <= 64 else { return nil }
    let name = normalized(name)
    guard !name.isEmpty else { return nil }
    var best: (name: String, distance: Int)?
    for candidate in names {
      let letters = normalized(candidate)
      let distance = distance(from: name, to: letters)
      if distance * 3 <= max(name.count, letters.count), distance < best?.distance ?? .max {
        best = (candidate, distance)
      }
    }
    return best?.name
  }

  /// `did you mean …?` for a misspelt name; for a name that looks like a listed one, how the two differ.
  package static func hint(for name: String, among names: [String]) -> String? {
    LookAlike.hint(for: name, among: names) ?? of(name, among: names).map { "did you mean \($0)?" }
  }

  /// `batchSize`, `batch-size` and `Batch_Size` are one word to a person.
  private static func normalized(_ name: String) -> [Character] {
    Array(name.lowercased().filter { $0 != "_" && $0 != "-" && $0 != " " })
  }

  /// Insertions, deletions, substitutions and swaps of neighbours that lead from one word to the other (optimal string
  /// alignment) — Damerau 1964, Levenshtein 1966.
  static func distance(from source: [Character], to target: [Character]) -> Int {
    var beforePrevious: [Int] = []
    var previous = Array(0...target.count)
    for (i, letter) in source.enumerated() {
      var current = [i + 1]
      for (j, other) in target.enumerated() {
        var least = min(previous[j + 1] + 1, current[j] + 1, previous[j] + (letter == other ? 0 : 1))
        if i > 0, j > 0, letter == target[j - 1], source[i - 1] == other {
          least = min(least, beforePrevious[j - 1] + 1)
        }
        current.append(least)
      }
      (beforePrevious, previous) = (previous, current)
    }
    return previous[target.count]
  }
}
