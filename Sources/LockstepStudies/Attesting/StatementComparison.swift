import LockstepFormats

/// A statement beside what the run gives now: which of its values are others.
struct StatementComparison {
  /// What is other, a sentence each.
  private(set) var findings: [String] = []
  /// What a person should know besides.
  private(set) var notes: [String] = []

  /// What was the same.
  private var (digests, values) = (0, 0)

  /// A value of a statement.
  private struct Leaf {
    /// Members joined by dots; what lists hold is called by its name, in brackets.
    var place: String
    /// The thing of a list that it tells of, with the place of that; nil outside of lists.
    var thing: (name: String, place: String)?
    var value: JSONValue
    var isDigest: Bool { place.hasSuffix(".digest.sha256") }
  }

  /// - Parameters:
  ///   - statement: that of `file`.
  ///   - evidence: what the run gives.
  init(_ statement: ProvenanceStatement, in file: String, _ evidence: RunEvidence) {
    let (given, claims) = (JSONValue.object(evidence.statement.claims), JSONValue.object(statement.claims))
    let (found, expected) = (Self.leaves(of: given), Self.leaves(of: claims))
    // Places and values are the same where their bytes are.
    let byPlace = Dictionary(found.map { (ByteText($0.place), $0.value) }, uniquingKeysWith: { first, _ in first })
    let stated = Set(expected.map { ByteText($0.place) })
    func isSame(_ leaf: Leaf) -> Bool {
      byPlace[ByteText(leaf.place)].map { ByteText($0.text) == ByteText(leaf.value.text) } ?? false
    }
    // Not JSON's null, which a literal would be.
    let none = Optional<JSONValue>.none
    // Of a thing that is another, its first difference says so.
    var told: Set<String> = []
    let added = found.filter { !stated.contains(ByteText($0.place)) }
    for (leaf, isStated) in expected.map({ ($0, true) }) + added.map({ ($0, false) }) {
      let here = byPlace[ByteText(leaf.place)]
      if isStated, isSame(leaf) {
        if leaf.isDigest { digests += 1 } else { values += 1 }
        continue
      }
      if let thing = leaf.thing {
        guard !evidence.untold.contains(thing.name), told.insert(thing.place).inserted else { continue }
        if leaf.isDigest, let path = evidence.paths[thing.name] {
          let (found, expected) = isStated ? (here, leaf.value) : (leaf.value, none)
          findings.append(
            "\(path): found the SHA-256 \(Self.text(found)), expected \(Self.text(expected)) as in \(file)")
          continue
        }
      }
      let (says, gives) = isStated ? (leaf.value, here) : (none, leaf.value)
      findings.append(
        "\(file): \(leaf.place): found \(Self.text(says)), expected \(Self.text(gives)), which the run gives")
    }
    if findings.isEmpty, evidence.problems.isEmpty, ByteText(given.text) != ByteText(claims.text) {
      findings.append(
        "\(file): found its values in another order, or one of them twice, expected them as lockstep attest writes them"
      )
    }
    if statement.program != evidence.statement.program {
      notes.append("\(file): it was not written by this build of lockstep")
    }
    if findings.isEmpty {
      notes.append(
        "\(file): \(digests) digests and \(Format.count(values)) other \(Format.plural(values, "value")) of it are the run's"
      )
    }
  }

  /// Scalars of a value that are shown, more than a digest has.
  private static let longest = 100

  private static func text(_ value: JSONValue?) -> String {
    value.map { Display.whole(String(($0.string ?? $0.text).unicodeScalars.prefix(longest))) } ?? "none"
  }

  /// All values but lists and objects that hold any, in their order.
  private static func leaves(of value: JSONValue, _ place: String = "", thing: (String, String)? = nil) -> [Leaf] {
    switch value {
    case .object(let object) where !object.members.isEmpty:
      return object.members.flatMap { member in
        leaves(of: member.value, place.isEmpty ? member.name : "\(place).\(member.name)", thing: thing)
      }
    case .array(let elements) where !elements.isEmpty:
      return elements.enumerated().flatMap { index, element in
        let name = element.object?["name"]?.string ?? "\(index)"
        return leaves(of: element, "\(place)[\(name)]", thing: (name, "\(place)[\(name)]"))
      }
    default: return [Leaf(place: place, thing: thing, value: value)]
    }
  }
}
