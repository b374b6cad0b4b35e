/// Keys that a mapping does not know, on offer to the sections in it: `source` beside `data`, where `data: {source: …}`
/// was meant.
///
/// A key one level too high is a slip of the indentation, and the section that lacks it must not complain as well. So a
/// mapping with unknown keys is read twice: the first reading notes which of its sections asked for them in vain, the
/// second hands them over.
final class StrayKeys {
  typealias Entry = ConfigurationNode.Entry

  /// Keys that sections may take; empty in the first reading.
  private let offered: [Entry]
  /// The keys of the mapping as they are written.
  private let order: [String]
  /// Key → paths of the sections that asked for it in vain.
  private var asked: [String: [String]]
  /// Key → path of a section that has it.
  private var present: [String: String] = [:]
  private(set) var taken: [(section: String, entry: Entry)] = []

  var isSecondReading: Bool { !offered.isEmpty }

  init(_ entries: [Entry]) {
    (offered, order, asked) = ([], entries.map(\.key), [:])
  }

  private init(_ first: StrayKeys, offering unknown: [Entry]) {
    (offered, order, asked, present) = (unknown, first.order, first.asked, first.present)
  }

  /// For the second reading; nil where no section could have a use for what is `unknown`.
  ///
  /// - Parameter hasUnnamed: whether there may be sections without a name, which have not been asked.
  func offering(_ unknown: [Entry], hasUnnamed: Bool) -> StrayKeys? {
    if unknown.isEmpty || isSecondReading { return nil }
    return hasUnnamed || unknown.contains { asked[$0.key] != nil } ? StrayKeys(self, offering: unknown) : nil
  }

  /// Whether the section at `path` would get `key`.
  func holds(_ key: String, for path: String) -> Bool {
    offered.contains { $0.key == key } && !taken.contains { $0.entry.key == key } && owner(of: key) ?? path == path
  }

  /// Takes note that the section at `path` has `key` itself.
  func note(_ key: String, in path: String) { present[key] = path }

  /// The section in which `key` stands as well.
  func section(with key: String) -> String? { present[key] }

  /// Hands `key` over to the section at `path`, if it is on offer and meant for that section.
  func take(_ key: String, for path: String) -> Entry? {
    guard isSecondReading else {
      asked[key, default: []].append(path)
      return nil
    }
    guard holds(key, for: path), let entry = offered.first(where: { $0.key == key }) else { return nil }
    taken.append((path, entry))
    return entry
  }

  func wasTaken(_ key: String) -> Bool { taken.contains { $0.entry.key == key } }

  /// Whether the section at `path`, or one in it, took anything.
  func hasTaken(for path: String) -> Bool {
    taken.contains { $0.section == path || $0.section.hasPrefix("\(path).") }
  }

  /// The sections that took keys, outermost ones, with these keys.
  var sections: [(path: String, entries: [Entry])] {
    taken.reduce(into: []) { sections, one in
      if let i = sections.firstIndex(where: { one.section == $0.path || one.section.hasPrefix("\($0.path).") }) {
        sections[i].entries.append(one.entry)
      } else {
        sections.append((one.section, [one.entry]))
      }
    }
  }

  /// Of several sections that lack `key`, the last one that is written before it.
  private func owner(of key: String) -> String? {
    guard let candidates = asked[key], let place = order.firstIndex(of: key) else { return nil }
    let before = order[..<place].last { name in candidates.contains { Path.lastKey(of: $0) == name } }
    return candidates.first { Path.lastKey(of: $0) == before } ?? candidates.first
  }
}
