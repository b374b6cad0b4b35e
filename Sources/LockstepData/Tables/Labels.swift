import LockstepFormats

/// The names of the classes of a target, or of the categories of a column, in the order in which they are numbered.
///
/// What a file calls them may be written in several ways: numbers of equal value are one label (`0` and `0.0`), and so
/// are booleans in any case (`True`, `true`) where all names are booleans. Everything else is told apart by its bytes,
/// never by what Unicode takes for the same.
package struct Labels: Sendable, Equatable {
  /// Label k is called `names[k]`: whole numbers in the order of their values, all others in that of their bytes.
  let names: [String]
  private let places: [Key: Int]
  private let areBooleans: Bool

  /// What two ways of writing a label have in common.
  private enum Key: Hashable {
    case bytes(ByteText)
    /// Without what does not change its value.
    case number(String)
    case boolean(Bool)

    init(_ name: String, asBoolean: Bool) {
      if asBoolean, let value = Labels.boolean(name) {
        self = .boolean(value)
      } else if let value = Labels.plainNumber(name) {
        self = .number(value)
      } else {
        self = .bytes(ByteText(name))
      }
    }
  }

  /// The labels that a file speaks of by `written`, each of them once. Of several ways of writing a label the shortest
  /// becomes its name, the first of equals.
  init(written: [String]) {
    let areBooleans = Self.areBooleans(written)
    var best: [Key: (name: String, index: Int)] = [:]
    for (index, name) in written.enumerated() {
      let key = Key(name, asBoolean: areBooleans)
      if let known = best[key], (known.name.utf8.count, known.index) <= (name.utf8.count, index) { continue }
      best[key] = (name, index)
    }
    self.init(named: Self.sorted(best.values.map(\.name)))
  }

  /// These labels, numbered as they stand: what a checkpoint has recorded.
  package init(named names: [String]) {
    self.names = names
    areBooleans = Self.areBooleans(names)
    var places: [Key: Int] = [:]
    for (place, name) in names.enumerated() {
      // By its own bytes first, because older checkpoints number 0 and 0.0 apart.
      let key = Key.bytes(ByteText(name))
      places[key] = places[key] ?? place
    }
    for (place, name) in names.enumerated() {
      let key = Key(name, asBoolean: areBooleans)
      places[key] = places[key] ?? place
    }
    self.places = places
  }

  /// The number of the label that is written as `name`; nil where there is none.
  package func place(of name: String) -> Int? {
    places[.bytes(ByteText(name))] ?? places[Key(name, asBoolean: areBooleans)]
  }

  package static func == (a: Labels, b: Labels) -> Bool {
    a.names.elementsEqual(b.names) { $0.utf8.elementsEqual($1.utf8) }
  }

  // MARK: What a name says

  /// A name that is a number as people write one (a sign, digits, a fraction), without what does not change its value:
  /// `+1.50` is 1.5, `-0` is 0. nil where it is none; leading zeros (`007`) and exponents (`1e5`) make a code of it.
  package static func plainNumber(_ name: String) -> String? {
    var digits = Array(name.utf8)[...]
    let isNegative = digits.first == 0x2D
    if isNegative || digits.first == 0x2B { digits = digits.dropFirst() }
    let whole = digits.prefix { $0 != 0x2E }
    var fraction = digits.dropFirst(whole.count + 1)
    guard (whole + fraction).allSatisfy({ (0x30...0x39).contains($0) }), !whole.isEmpty || !fraction.isEmpty,
      whole.count <= 1 || whole.first != 0x30
    else { return nil }
    while fraction.last == 0x30 { fraction = fraction.dropLast() }
    let isZero = fraction.isEmpty && (whole.isEmpty || whole.first == 0x30)
    return (isNegative && !isZero ? "-" : "") + (whole.isEmpty ? "0" : String(decoding: whole, as: UTF8.self))
      + (fraction.isEmpty ? "" : "." + String(decoding: fraction, as: UTF8.self))
  }

  /// `true` and `false` in any case.
  static func boolean(_ name: String) -> Bool? {
    guard name.utf8.count <= 5 else { return nil }
    switch name.lowercased() {
    case "true": return true
    case "false": return false
    default: return nil
    }
  }

  private static func areBooleans(_ names: [String]) -> Bool {
    !names.isEmpty && names.allSatisfy { boolean($0) != nil }
  }

  /// Names in the order in which labels are numbered: by value where all are whole numbers, so that class k of 0, 1, …
  /// 10 is number k, or booleans, false before true; else by their UTF-8 bytes, which is also the order of Python's
  /// `sorted`.
  static func sorted(_ names: [String]) -> [String] {
    func precedes(_ a: String, _ b: String) -> Bool { a.utf8.lexicographicallyPrecedes(b.utf8) }
    if areBooleans(names) { return names.sorted { boolean($0) == false && boolean($1) == true } }
    let values = names.map(wholeNumber)
    guard values.allSatisfy({ $0 != nil }) else { return names.sorted(by: precedes) }
    let pairs = zip(names, values.compactMap { $0 })
    return pairs.sorted { $0.1 == $1.1 ? precedes($0.0, $1.0) : $0.1 < $1.1 }.map(\.0)
  }

  /// The value of a name that is a whole number, also one written as `1.0` or `007`.
  private static func wholeNumber(_ name: String) -> Int128? {
    let parts = name.utf8.split(separator: 0x2E, maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count < 2 || parts[1].allSatisfy({ $0 == 0x30 }), name.utf8.count <= 38 else { return nil }
    return Int128(Substring(parts[0]))
  }
}
