import LockstepFormats
import LockstepReport
import LockstepRuns

/// A page of documentation in the making: Markdown, its pictures, what the textbook says and whether it shows, and
/// every configuration with the digest of what it trained.
struct ExperimentPage {
  /// A sentence of the literature against the figures.
  struct Claim {
    var text: String
    var source: String
    var outcome: Outcome
    var evidence: String
  }

  /// What was trained, so that anyone can train it again.
  struct Record {
    /// What was set beside the base configuration.
    var settings: [String]
    var digest: String
  }

  /// What the networks are variants of.
  fileprivate enum Base {
    /// A configuration, as a person would write it.
    case text(String)
    /// Files of the repository, one of which is the first setting of every record.
    case files([String])
  }

  let name: String
  let title: String
  private(set) var claims: [Claim] = []
  private var body: [String] = []
  private var pictures: [Picture] = []
  private var records: [Record] = []
  private var base = Base.text("")

  init(name: String, title: String) {
    self.name = name
    self.title = title
  }

  /// The configuration that all others are variants of, as a person would write it.
  mutating func setBase(_ yaml: String) { base = .text(yaml) }

  /// Several of them, in files of the repository: the settings of every record begin with one.
  mutating func setBases(_ files: [String]) { base = .files(files) }

  mutating func add(_ paragraph: String) { body.append(paragraph) }

  mutating func addTable(_ header: [String], _ rows: [[String]]) {
    let rule = header.indices.map { $0 == 0 ? "---" : "---:" }
    body.append(([header, rule] + rows).map { "| \($0.joined(separator: " | ")) |" }.joined(separator: "\n"))
  }

  /// A chart of `series`; the other parameters are those of `LineChart`.
  mutating func addChart(
    _ series: [LineChart.Series], xTitle: String, yTitle: String, x: Picture.Axis = .linear, y: Picture.Axis = .linear,
    span: Double = 0, _ suffix: String, caption: String
  ) {
    let file = "\(name)-\(suffix).svg"
    pictures.append(Picture(file, series, xTitle: xTitle, yTitle: yTitle, x: x, y: y, span: span))
    body.append("![\(caption)](\(file))\n*\(caption)*")
  }

  /// A claim about what is measured without noise but the machine's: a factor against its tolerance, a count, a time.
  mutating func claim(_ text: String, source: String, holds: Bool, evidence: String) {
    claim(text, source: source, Outcome(holds), evidence: evidence)
  }

  /// A claim about what another seed or other samples would give otherwise: the evidence says how sure it is.
  mutating func claim(_ text: String, source: String, _ outcome: Outcome, evidence: String) {
    claims.append(Claim(text: text, source: source, outcome: outcome, evidence: evidence))
  }

  mutating func record(_ settings: [String], _ digest: String) {
    records.append(Record(settings: settings, digest: digest))
  }

  func write(to folder: String) throws {
    for picture in pictures { try ResultFile.write(picture.svg, to: "\(folder)/\(picture.file)") }
    if !pictures.isEmpty { try ResultFile.write(Picture.text(pictures), to: Self.picturesFile(name, folder)) }
    try ResultFile.write(markdown, to: "\(folder)/\(name).md")
    let digests = JSONObject.members(records.map { ($0.settings.joined(separator: " "), $0.digest) })
    try JSONFile.write(["base": base.json, "weights_digests": .object(digests)], to: "\(folder)/\(name).json")
  }

  /// Draws the pictures of a page again, from what was measured when it was made.
  static func redraw(_ name: String, in folder: String) throws {
    let file = picturesFile(name, folder)
    guard try Folder.item(at: file) != .missing else { return }
    for picture in try Picture.read(file) { try ResultFile.write(picture.svg, to: "\(folder)/\(picture.file)") }
  }

  private static func picturesFile(_ name: String, _ folder: String) -> String { "\(folder)/\(name)-pictures.json" }

  private var markdown: String {
    let verdicts = claims.map { claim in
      "| \(claim.text) | \(claim.source) | \(claim.outcome.words) | \(claim.evidence) |"
    }
    let table =
      ["## What is said, and what shows", "", "| the claim | who says so | here | measured |", "|---|---|---|---|"]
      + verdicts
    let note = """
      ## Again

      `tools/reproduce \(name)` makes this page anew. All figures but times follow from the configurations alone: the same bits on any number of threads. \(base.sentence)
      [\(name).json](\(name).json) has, for each of the \(records.count) networks, what was set beside it (`--set …`) and the digest of its weights at the end.
      """
    return (["# \(title)"] + [table.joined(separator: "\n")] + body + [note]).joined(separator: "\n\n") + "\n"
  }

  /// The page that lists the others.
  static func writeIndex(_ pages: [(name: String, title: String)], to folder: String) throws {
    let lines = pages.map { "- [\($0.title)](\($0.name).md)" }
    let text = """
      # Experiments

      What textbooks say of deep networks, measured by Lockstep itself on networks that train in seconds. Where a claim does not show, its page says so: these are
      small, dense networks, nearly all on synthetic data, and not every effect is there. What seeds or samples decide comes with a 95 % interval (± after a difference: Student's over the
      seeds, or that of two shares of the samples evaluated); a claim whose interval holds both is *not told apart*. `tools/reproduce` makes every page anew.

      \(lines.joined(separator: "\n"))

      Networks of images, measured by `tools/images` through the command, some of them beside PyTorch:

      - [The digits of scikit-learn, in Lockstep and in PyTorch](images-digits.md)
      - [Five thousand pictures of MNIST, in Lockstep and in PyTorch](images-mnist.md)
      - [SELU, PReLU, and ReLU behind BatchNorm, in networks of convolutions](images-activations.md)

      """
    try ResultFile.write(text, to: "\(folder)/README.md")
  }
}

extension ExperimentPage.Base {
  fileprivate var json: JSONValue {
    switch self {
    case .text(let yaml): .string(yaml)
    case .files(let files): .array(files.map { .string($0) })
    }
  }

  /// The beginning of the sentence that ends with the records.
  fileprivate var sentence: String {
    switch self {
    case .text(let yaml):
      """
      The base is

      ```yaml
      \(yaml)
      ```

      and
      """
    case .files(let files): "The bases are \(files.map { "[\($0)](../../\($0))" }.joined(separator: ", ")), and"
    }
  }
}

extension JSONObject {
  static func members(_ members: [(String, String)]) -> JSONObject {
    var object: JSONObject = [:]
    for (name, value) in members { object[name] = .string(value) }
    return object
  }
}
