import ArgumentParser

/// A time as people write it: whole numbers with d, h, m, s behind them, the largest first, such as 1h30m; a number
/// alone is seconds.
struct TimeLimit: ExpressibleByArgument, Equatable {
  private static let units: [(letter: Character, seconds: Double)] = [("d", 86_400), ("h", 3600), ("m", 60), ("s", 1)]

  let seconds: Double

  init(seconds: Double) { self.seconds = seconds }

  /// - Returns: nil where `text` is no such time, or none at all.
  init?(argument text: String) {
    var (rest, units, sum) = (text[...], Self.units[...], 0.0)
    if !rest.isEmpty, rest.allSatisfy({ ("0"..."9").contains($0) }) { rest += "s" }
    while !rest.isEmpty {
      let digits = rest.prefix { ("0"..."9").contains($0) }
      rest = rest.dropFirst(digits.count)
      guard let number = Int(digits), let letter = rest.popFirst(),
        let place = units.firstIndex(where: { $0.letter == letter })
      else { return nil }
      sum += Double(number) * units[place].seconds
      units = units[(place + 1)...]
    }
    guard sum > 0 else { return nil }
    seconds = sum
  }

  /// As people write it.
  var defaultValueDescription: String {
    guard var rest = Int(exactly: seconds) else { return "\(seconds)" }
    var text = ""
    for unit in Self.units {
      let (count, remainder) = rest.quotientAndRemainder(dividingBy: Int(unit.seconds))
      if count > 0 { text += "\(count)\(unit.letter)" }
      rest = remainder
    }
    return text
  }
}
